using System.Diagnostics;
using System.Security.Cryptography;
using ClickNBack.Api.Auth;
using ClickNBack.Api.Users;
using ClickNBack.Tests.Infrastructure;
using Npgsql;

namespace ClickNBack.Benchmarks;

/// <summary>Somebody with an access token.</summary>
internal sealed record Person(Guid Id, string Authorization);

/// <summary>
/// What both programs work on: a PostgreSQL of our own that writes as durably as production's, with the platform's schema,
/// many users, and offers whose caps nobody exhausts.
/// </summary>
internal sealed class BenchmarkEnvironment : IAsyncDisposable
{
    private const string DatabaseName = "clicknback";

    /// <summary>How many people ask at most.</summary>
    public const int MostPeople = 10_000;

    private const string Mark = "the benchmark has read until here";

    private readonly AppHostPostgres _postgres;
    private readonly List<string> _log = [];
    private TaskCompletionSource<List<string>>? _marked;
    private readonly string _signingKey = RandomNumberGenerator.GetHexString(64);
    private readonly string _encryptionKey = RandomNumberGenerator.GetHexString(64);
    private readonly string _apiPassword = RandomNumberGenerator.GetHexString(32);

    private BenchmarkEnvironment(AppHostPostgres postgres)
    {
        _postgres = postgres;
        Owner = NpgsqlDataSource.Create(postgres.Connection().ConnectionString);
    }

    /// <summary>The database as its owner.</summary>
    public NpgsqlDataSource Owner { get; }

    /// <summary>Temporary files of this run.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("clicknback-benchmark-").FullName;

    /// <summary>Who asks: some of the users, evenly chosen; the first has made the most purchases.</summary>
    public IReadOnlyList<Person> People { get; private set; } = [];

    public IReadOnlyList<Guid> Merchants { get; private set; } = [];

    /// <summary>PostgreSQL's own words.</summary>
    public string PostgresVersion { get; private set; } = "";

    /// <summary>How long loading the data took.</summary>
    public TimeSpan LoadedIn { get; private set; }

    /// <summary>Of the money invariants, after loading and by now.</summary>
    public long Violations { get; private set; }

    /// <summary>Starts it, with so many users and purchases, of which that part is pending.</summary>
    public static async Task<BenchmarkEnvironment> CreateAsync(int users, int purchases, double pending = 0.04)
    {
        var postgres = await AppHostPostgres.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["max_connections"] = "200", // three pools of 40
                ["shared_buffers"] = "256MB",
                ["max_wal_size"] = "4GB",
                ["log_checkpoints"] = "off",
            },
            "--Postgres:From=binaries"
        );
        var environment = new BenchmarkEnvironment(postgres);
        _ = postgres.WatchLogAsync(environment.Note);
        try
        {
            await environment.MigrateAsync();
            await environment.FillAsync(users, purchases, pending);
            return environment;
        }
        catch
        {
            await environment.DisposeAsync();
            throw;
        }
    }

    /// <summary>As the API connects, perhaps by way of another port.</summary>
    public string ApiConnection(int? port = null) =>
        $"Host=127.0.0.1;Port={port ?? Port};Username=clicknback_api;Password={_apiPassword};Database={DatabaseName}";

    /// <summary>As the owner of everything connects to another database.</summary>
    public NpgsqlConnectionStringBuilder OwnerConnection(string database) => _postgres.Connection(database);

    /// <summary>Where the server listens.</summary>
    public int Port => _postgres.Connection().Port;

    public Task<MeasuredProcess> StartApiAsync(
        string name = "api",
        int? port = null,
        string verification = "simulated"
    ) => MeasuredProcess.StartAsync(name, Folder, [BuiltPrograms.Api], Settings(port, verification));

    public Task<MeasuredProcess> StartBareAsync(string name = "bare", int? port = null) =>
        MeasuredProcess.StartAsync(name, Folder, [BuiltPrograms.Benchmarks, "--serve-bare"], Settings(port));

    /// <summary>The statements that reach the server as the API's role while the action runs.</summary>
    public async Task<IReadOnlyList<string>> StatementsOfAsync(Func<Task> action)
    {
        _ = await LogUntilNowAsync();
        await action();
        return await LogUntilNowAsync();
    }

    /// <summary>Lets the server log every statement of sessions that the API's role opens from now on.</summary>
    public Task LogStatementsAsync(bool on) =>
        ExecuteAsync($"ALTER ROLE clicknback_api SET log_statement = '{(on ? "all" : "none")}'");

    /// <summary>Lets it log how every statement of such sessions, also those within functions, was executed.</summary>
    public Task LogPlansAsync(bool on) =>
        ExecuteAsync(
            on
                ? """
                ALTER ROLE clicknback_api SET session_preload_libraries = 'auto_explain';
                ALTER ROLE clicknback_api SET auto_explain.log_min_duration = 0;
                ALTER ROLE clicknback_api SET auto_explain.log_analyze = on;
                ALTER ROLE clicknback_api SET auto_explain.log_nested_statements = on;
                ALTER ROLE clicknback_api SET auto_explain.log_format = 'json'
                """
                : "ALTER ROLE clicknback_api RESET session_preload_libraries"
        );

    /// <summary>Lets the API's job confirm purchases, or only put them aside.</summary>
    public Task SwitchConfirmationAsync(bool on) => ExecuteAsync($"UPDATE feature_flags SET enabled = {on}");

    /// <summary>The one value that a query of the owner answers.</summary>
    public async Task<T> ReadAsync<T>(string sql)
    {
        await using var command = Owner.CreateCommand(sql);
        command.CommandTimeout = 0;
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Asks the money invariants.</summary>
    public async Task CheckMoneyAsync() =>
        Violations += await ReadAsync<long>("SELECT sum(violations)::bigint FROM money_invariants()");

    public async ValueTask DisposeAsync()
    {
        await Owner.DisposeAsync();
        await _postgres.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private Dictionary<string, string> Settings(int? port, string verification = "simulated") =>
        new(StringComparer.Ordinal)
        {
            ["ConnectionStrings__clicknback"] = ApiConnection(port),
            ["Authentication__SigningKey"] = _signingKey,
            ["Encryption__Key"] = _encryptionKey,
            ["Verification__Mode"] = verification,
            ["Verification__AllowSimulation"] = "true",
            ["Verification__IntervalSeconds"] = "86400",
            ["Claims__MaxPerDay"] = "1000000", // counted, and never reached
            ["Claims__MaxAmountPerDay"] = "1000000000",
            ["Payouts__AccountAgeDays"] = "0",
            ["Ledger__CheckIntervalSeconds"] = "86400",
            ["Shutdown__DrainSeconds"] = "0",
            ["RateLimits__RequestsPerMinute"] = "1000000", // counted, and never reached: one user may ask for all
        };

    private async Task MigrateAsync()
    {
        var environment = BuiltPrograms.Environment();
        environment["DOTNET_ENVIRONMENT"] = "Production";
        environment["ConnectionStrings__clicknback"] = _postgres.Connection().ConnectionString;
        environment["Database__ApiRolePassword"] = _apiPassword;
        var (exitCode, output) = await ChildProcess.RunAsync(["dotnet", BuiltPrograms.MigrationService], environment);
        if (exitCode != 0)
        {
            throw new InvalidOperationException($"The migration failed:\n{output}");
        }
    }

    private async Task FillAsync(int users, int purchases, double pending)
    {
        var start = Stopwatch.GetTimestamp();
        await Population.LoadAsync(Owner, users, purchases, pending);
        await ExecuteAsync("VACUUM ANALYZE");
        LoadedIn = Stopwatch.GetElapsedTime(start);
        await ExecuteAsync("SELECT check_money('1 day')"); // the API's own check then finds an answer that is young enough
        Violations = await ReadAsync<long>(
            "SELECT sum(value::bigint)::bigint FROM money_checks, jsonb_each_text(violations)"
        );
        await Console.Error.WriteLineAsync(
            $"loaded {users} users and {purchases} purchases in {LoadedIn.TotalSeconds:0} s; violations of the money invariants: {Violations}"
        );

        await using (var connection = await Owner.OpenConnectionAsync())
        {
            PostgresVersion = $"PostgreSQL {connection.PostgreSqlVersion.ToString(2)}";
        }

        Merchants = await IdsAsync("SELECT id FROM merchants ORDER BY id");
        var all = await IdsAsync("SELECT id FROM users ORDER BY id");
        var tokens = new TokenService(
            Microsoft.Extensions.Options.Options.Create(
                new TokenSettings { SigningKey = _signingKey, AccessTokenMinutes = 1440 }
            ),
            TimeProvider.System
        );
        People =
        [
            .. all.Where((_, i) => i % Math.Max(1, users / MostPeople) == 0)
                .Select(id => new Person(id, $"Bearer {tokens.IssueAccessToken(id, Role.User, Guid.Empty)}")),
        ];
    }

    // What the server has logged since it was last asked. The log comes by way of the AppHost: a mark says that it is here.
    private async Task<List<string>> LogUntilNowAsync()
    {
        var marked = new TaskCompletionSource<List<string>>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_log)
        {
            _marked = marked;
        }

        await ExecuteAsync(
            $"""
            SET log_error_verbosity = terse; SET log_min_error_statement = panic; -- one line and no more
            DO $$ BEGIN RAISE LOG '{Mark}'; END $$
            """
        );
        return await marked.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private void Note(string line)
    {
        lock (_log)
        {
            if (!line.EndsWith(Mark, StringComparison.Ordinal))
            {
                _log.Add(line);
                return;
            }

            _marked?.SetResult([.. _log]);
            _log.Clear();
        }
    }

    private async Task<List<Guid>> IdsAsync(string sql)
    {
        await using var command = Owner.CreateCommand(sql);
        await using var row = await command.ExecuteReaderAsync();
        var ids = new List<Guid>();
        while (await row.ReadAsync())
        {
            ids.Add(row.GetGuid(0));
        }

        return ids;
    }

    /// <summary>Runs a statement as the owner.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var command = Owner.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync();
    }
}
