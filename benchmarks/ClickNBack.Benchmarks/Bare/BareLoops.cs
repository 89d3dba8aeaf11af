using System.Globalization;
using ClickNBack.Api.Persistence;
using Npgsql;

namespace ClickNBack.Benchmarks.Bare;

/// <summary>The same SQL once more, without any server: loops in this process that do nothing but talk to PostgreSQL.</summary>
internal sealed class BareLoops : IAsyncDisposable
{
    private readonly BenchmarkEnvironment _environment;
    private readonly NpgsqlDataSource _db;
    private readonly BareSql _sql;
    private readonly BareIngestion _ingestion;
    private int _number;

    public BareLoops(BenchmarkEnvironment environment)
    {
        _environment = environment;
        _db = NpgsqlDataSource.Create(Database.Connection(environment.ApiConnection()));
        _sql = new BareSql(_db);
        _ingestion = new BareIngestion(_db, TimeProvider.System);
    }

    public Task<Round> RunAsync(Workload workload, int loops, TimeSpan duration) =>
        Load.LoopAsync(() => OnceAsync(workload), loops, duration);

    public ValueTask DisposeAsync() => _db.DisposeAsync();

    private async Task OnceAsync(Workload workload)
    {
        var number = Interlocked.Increment(ref _number);
        var person = _environment.People[number % _environment.People.Count].Id;
        await _sql.AccountAsync(person);
        switch (workload.Kind)
        {
            case RequestKind.ActiveOffers:
                await _sql.ActiveOffersAsync(DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime), 0, 20);
                break;
            case RequestKind.Wallet:
                await _sql.WalletAsync(person);
                break;
            case RequestKind.Purchases:
                await _sql.PurchasesAsync(person, 0, 20);
                break;
            case RequestKind.Ingestion:
                await _ingestion.RecordAsync(
                    new(
                        Guid.CreateVersion7().ToString("D", CultureInfo.InvariantCulture),
                        person,
                        _environment.Merchants[number % _environment.Merchants.Count],
                        10.50m + number % 90
                    )
                );
                break;
        }
    }
}
