using System.Diagnostics;
using ClickNBack.Tests.Infrastructure;
using ClickNBack.Tests.Properties.Model;
using Npgsql;

namespace ClickNBack.Tests.Soak;

/// <summary>What a soak test acts on: a PostgreSQL that writes as in production, and two API processes with their jobs.</summary>
internal sealed class SoakEnvironment : IAsyncDisposable
{
    private readonly TestDatabase _database;
    private readonly NpgsqlDataSource _owner;

    private SoakEnvironment(TestDatabase database, NpgsqlDataSource owner, ApiProcess[] processes, Offer sharedOffer)
    {
        (_database, _owner, Processes, SharedOffer) = (database, owner, processes, sharedOffer);
    }

    public IReadOnlyList<ApiProcess> Processes { get; }

    /// <summary>The offer of the merchant at which nothing is ever verified.</summary>
    public Offer SharedOffer { get; }

    public static async Task<SoakEnvironment> OpenAsync()
    {
        PostgresServer.IsDurable = true;
        var database = await TestDatabase.CreateAsync();
        var owner = NpgsqlDataSource.Create(database.OwnerConnectionString);
        var offer = await AddRejectionMerchantAsync(database);
        var settings = new Dictionary<string, string?> { ["Verification:IntervalSeconds"] = "1" };

        // The size of the pool is the platform's own choice here.
        var connection = new NpgsqlConnectionStringBuilder(database.ApiConnectionString);
        connection.Remove("Maximum Pool Size");
        var processes = await Task.WhenAll(
            ApiProcess.StartAsync(connection.ConnectionString, settings),
            ApiProcess.StartAsync(connection.ConnectionString, settings)
        );
        return new SoakEnvironment(database, owner, processes, offer);
    }

    public ValueTask<NpgsqlConnection> ConnectAsync() => _owner.OpenConnectionAsync();

    /// <summary>The money invariants that do not hold, with their numbers.</summary>
    public Task<List<string>> BrokenInvariantsAsync() =>
        _database.RowsAsync("SELECT invariant, violations FROM money_invariants() WHERE violations <> 0");

    /// <summary>Connections of the API, size of the database in MiB, and how long the oldest purchase has been pending.</summary>
    public async Task<(long Connections, long Size, TimeSpan OldestPending)> MeasureAsync()
    {
        await using var connection = await ConnectAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'clicknback-%'),
                   pg_database_size(current_database()) / 1048576,
                   (SELECT coalesce(now() - min(created_at), interval '0') FROM purchases WHERE status = 'pending')
            """;
        await using var row = await command.ExecuteReaderAsync();
        await row.ReadAsync();
        return (row.GetInt64(0), row.GetInt64(1), row.GetTimeSpan(2));
    }

    /// <summary>The resident memory of each API process, in MiB.</summary>
    public long[] Memory() =>
        [
            .. Processes.Select(it =>
            {
                using var process = Process.GetProcessById(it.Id);
                return process.WorkingSet64 / 1_048_576;
            }),
        ];

    public async ValueTask DisposeAsync()
    {
        foreach (var process in Processes)
        {
            await process.DisposeAsync();
        }

        await _owner.DisposeAsync();
        await _database.DisposeAsync();
        await PostgresServer.StopAsync();
    }

    private static async Task<Offer> AddRejectionMerchantAsync(TestDatabase database)
    {
        var today = Person.Today;
        var offer = new Offer
        {
            Id = Guid.CreateVersion7(),
            Merchant = new Merchant("BankSimFail", 0) { Id = ApiSetup.RejectionMerchant, Active = true },
            IsPercent = true,
            Value = 5,
            Start = today,
            End = today.AddYears(10),
            Cap = 1_000_000,
        };
        await database.ExecuteAsync(
            """
            INSERT INTO merchants (id, name, default_cashback_percentage, active, created_at)
            VALUES ($1, 'BankSimFail', 0, true, now())
            """,
            offer.Merchant.Id
        );
        await database.ExecuteAsync(
            """
            INSERT INTO offers (id, merchant_id, cashback_type, cashback_value, start_date, end_date, monthly_cap, active, created_at)
            VALUES ($1, $2, 'percent', $3, $4, $5, $6, true, now())
            """,
            offer.Id,
            offer.Merchant.Id,
            offer.Value,
            offer.Start,
            offer.End,
            offer.Cap
        );
        return offer;
    }
}
