using ClickNBack.Tests.Infrastructure;
using ClickNBack.Tests.Properties.Model;
using ClickNBack.Tests.Properties.Operations;
using Npgsql;

namespace ClickNBack.Tests.Properties;

/// <summary>
/// A database and an API on it, with a clock of its own: one sequence after the other, each from an empty platform. Every
/// answer and, after every operation, every wallet must be what the model says.
/// </summary>
internal sealed class SequenceRunner : IAsyncDisposable
{
    /// <summary>Two hours before a month of 31 days ends.</summary>
    private static readonly DateTimeOffset Beginning = new(2027, 1, 31, 22, 0, 0, TimeSpan.Zero);

    private readonly TestDatabase _database;
    private readonly ApiServer _server;
    private readonly Clock _clock;
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlCommand _wallets;
    private readonly Dictionary<Guid, ApiClient> _clients;

    private SequenceRunner(
        TestDatabase database,
        ApiServer server,
        Clock clock,
        NpgsqlConnection connection,
        NpgsqlCommand wallets,
        Dictionary<Guid, ApiClient> clients
    )
    {
        (_database, _server, _clock, _connection) = (database, server, clock, connection);
        (_wallets, _clients) = (wallets, clients);
    }

    public static async Task<SequenceRunner> OpenAsync()
    {
        var database = await TestDatabase.CreateAsync();
        await PlanOnceAsync(database);
        var clock = new Clock();
        var setup = new ApiSetup
        {
            Clock = clock,
            Settings = new() { ["Logging:LogLevel:Default"] = "Warning" },
        };
        var server = await ApiServer.StartAsync(database, setup);
        var connection = await database.OpenAsOwnerAsync();
        var accounts = await TestAccounts.AddAsync(connection, Sequences.Users, Sequences.Accounts);
        var clients = accounts.ToDictionary(it => it.Id, it => server.With(TestTokens.For(it.Id, ApiSetup.SigningKey)));
        return new SequenceRunner(database, server, clock, connection, await Wallets.PrepareAsync(connection), clients);
    }

    /// <summary>Runs a sequence; fails at the first operation that does not do what the model says.</summary>
    public async Task RunAsync(IReadOnlyList<Operation> sequence)
    {
        await ForgetAsync();
        var errorsBefore = _server.ErrorLines.Count();
        var model = new Reference
        {
            Accounts = [.. _clients.Keys.Select((id, nth) => new Account(id, nth >= Sequences.Users))],
            RejectionMerchant = new("BankSimFail", 0) { Id = ApiSetup.RejectionMerchant, Active = true },
            Now = Beginning,
        };
        model.Merchants.Add(model.RejectionMerchant);
        for (var place = 0; place < sequence.Count; place++)
        {
            model.Now += TimeSpan.FromSeconds(1);
            var step = sequence[place].On(model);
            _clock.Set(model.Now);
            if ((await ProblemAsync(step) ?? await Wallets.ProblemAsync(_wallets, model.Accounts)) is { } problem)
            {
                Assert.Fail($"Operation {place} at {model.Now:u}: {sequence[place]}\n{problem}");
            }
        }

        await _database.InvariantsHoldAsync();
        Assert.Empty(_server.ErrorLines.Skip(errorsBefore)); // those of other sequences are not this one's
    }

    public async ValueTask DisposeAsync()
    {
        await _wallets.DisposeAsync();
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
        await _database.DisposeAsync();
    }

    private async Task<string?> ProblemAsync(Step step)
    {
        if (step.Verified is { } expected)
        {
            var verified = await _server.VerifyAsync();
            return verified == expected ? null : $"{verified} purchases were due instead of {expected}";
        }

        return step is { Call: { } call, Expected: { } answer }
            ? await call.ProblemAsync(ClientOf(call), answer)
            : null;
    }

    private ApiClient ClientOf(Call call) => call.Caller is { } caller ? _clients[caller.Id] : _server.Anonymous;

    // In tables of a few hundred rows the best plan saves less than it costs to look for it each time.
    private static Task PlanOnceAsync(TestDatabase database) =>
        database.ExecuteAsync(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET plan_cache_mode = force_generic_plan', current_database()); END $$"
        );

    // As the owner, with the triggers off that keep history from being rewritten.
    private async Task ForgetAsync()
    {
        await using var command = _connection.CreateCommand();
        command.CommandText = $"""
            SET session_replication_role = replica;
            DELETE FROM transfers; DELETE FROM audit_logs; DELETE FROM payouts; DELETE FROM monthly_cap_usages;
            DELETE FROM purchases; DELETE FROM offers;
            DELETE FROM merchants; DELETE FROM wallets; DELETE FROM idempotency_keys; DELETE FROM feature_flags;
            SET session_replication_role = origin;
            INSERT INTO merchants (id, name, default_cashback_percentage, active, created_at)
            VALUES ('{ApiSetup.RejectionMerchant}', 'BankSimFail', 0, true, now());
            """;
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The time is what the model says.</summary>
    private sealed class Clock : TimeProvider
    {
        private long _ticks = Beginning.UtcTicks;

        public void Set(DateTimeOffset now) => Volatile.Write(ref _ticks, now.UtcTicks);

        public override DateTimeOffset GetUtcNow() => new(Volatile.Read(ref _ticks), TimeSpan.Zero);
    }
}
