using System.Security.Cryptography;
using ClickNBack.Api.Auth;
using ClickNBack.Api.Users;
using ClickNBack.AppHost.Standalone;
using Npgsql;

namespace ClickNBack.Benchmarks;

/// <summary>Somebody with an access token.</summary>
internal sealed record Person(Guid Id, string Authorization);

/// <summary>
/// What both programs work on: a PostgreSQL of our own that writes as durably as production's, with the platform's schema,
/// many users, and offers whose caps nobody exhausts.
/// </summary>
internal sealed class Arena : IAsyncDisposable
{
    private const string DatabaseName = "clicknback";
    private const int PeopleCount = 1000;
    private const int MerchantCount = 50;

    // Automatic confirmation is off for everybody: the API's job then only puts the purchases aside, as the bare program's.
    private const string Data = """
        INSERT INTO users (id, email, normalized_email, password_hash, role, active, created_at)
        SELECT id, number || '@example.com', upper(number || '@example.com'), 'x', 'user', true, now()
        FROM unnest($1) WITH ORDINALITY AS people(id, number);

        INSERT INTO merchants (id, name, default_cashback_percentage, active, created_at)
        SELECT id, 'Merchant ' || number, 5, true, now() FROM unnest($2) WITH ORDINALITY AS merchants(id, number);

        INSERT INTO offers (id, merchant_id, cashback_type, cashback_value, monthly_cap, start_date, end_date, active, created_at)
        SELECT gen_random_uuid(), id, 'percent', 5, 99999999, current_date - 30, current_date + 30, true, now() FROM merchants;

        INSERT INTO feature_flags (id, key, enabled, scope_type, created_at, updated_at)
        VALUES (gen_random_uuid(), 'purchase_auto_confirm', false, 'global', now(), now());

        SELECT count(*) FROM lock_wallets($1);
        """;

    private readonly PostgresCluster _cluster;
    private readonly List<string> _log;
    private readonly string _signingKey = RandomNumberGenerator.GetHexString(64);
    private readonly string _apiPassword = RandomNumberGenerator.GetHexString(32);

    private Arena(PostgresCluster cluster, List<string> log, string folder)
    {
        _cluster = cluster;
        _log = log;
        Folder = folder;
    }

    /// <summary>Temporary files of this run.</summary>
    public string Folder { get; }

    public IReadOnlyList<Person> People { get; private set; } = [];

    public IReadOnlyList<Guid> Merchants { get; private set; } = [];

    /// <summary>PostgreSQL's own words.</summary>
    public string PostgresVersion { get; private set; } = "";

    public static async Task<Arena> CreateAsync()
    {
        var folder = Directory.CreateTempSubdirectory("clicknback-benchmark-").FullName;
        var log = new List<string>();
        var cluster = await PostgresCluster.StartAsync(
            new PostgresClusterOptions
            {
                Databases = [DatabaseName],
                Settings = new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["fsync"] = "on",
                    ["synchronous_commit"] = "on",
                    ["full_page_writes"] = "on",
                    ["max_connections"] = "200", // three pools of 40
                    ["shared_buffers"] = "256MB",
                    ["max_wal_size"] = "2GB",
                    ["log_checkpoints"] = "off",
                },
                Log = line =>
                {
                    lock (log)
                    {
                        log.Add(line);
                    }
                },
            }
        );
        var arena = new Arena(cluster, log, folder);
        try
        {
            await arena.MigrateAsync();
            await arena.FillAsync();
            return arena;
        }
        catch
        {
            await arena.DisposeAsync();
            throw;
        }
    }

    /// <summary>As the API connects, perhaps by way of another port.</summary>
    public string ApiConnection(int? port = null) =>
        $"Host={PostgresCluster.Host};Port={port ?? _cluster.Port};Username=clicknback_api;Password={_apiPassword};Database={DatabaseName}";

    /// <summary>Where the server listens.</summary>
    public int Port => _cluster.Port;

    public Task<MeasuredProcess> StartApiAsync(string name = "api", int? port = null) =>
        MeasuredProcess.StartAsync(name, Folder, [BuiltPrograms.Api], Settings(port));

    public Task<MeasuredProcess> StartBareAsync(string name = "bare", int? port = null) =>
        MeasuredProcess.StartAsync(name, Folder, [BuiltPrograms.Benchmarks, "--serve-bare"], Settings(port));

    /// <summary>The statements that reach the server as the API's role while the action runs.</summary>
    public async Task<IReadOnlyList<string>> StatementsOfAsync(Func<Task> action)
    {
        lock (_log)
        {
            _log.Clear();
        }

        await action();
        await Task.Delay(200); // the server's log comes through a pipe
        lock (_log)
        {
            return [.. _log];
        }
    }

    /// <summary>Lets the server log every statement of sessions that the API's role opens from now on.</summary>
    public Task LogStatementsAsync(bool on) =>
        ExecuteAsync($"ALTER ROLE clicknback_api SET log_statement = '{(on ? "all" : "none")}'");

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private Dictionary<string, string> Settings(int? port) =>
        new(StringComparer.Ordinal)
        {
            ["ConnectionStrings__clicknback"] = ApiConnection(port),
            ["Authentication__SigningKey"] = _signingKey,
            ["Verification__IntervalSeconds"] = "86400",
            ["Shutdown__DrainSeconds"] = "0",
        };

    private async Task MigrateAsync()
    {
        var environment = BuiltPrograms.Environment();
        environment["DOTNET_ENVIRONMENT"] = "Production";
        environment["ConnectionStrings__clicknback"] = _cluster.ConnectionString(DatabaseName);
        environment["Database__ApiRolePassword"] = _apiPassword;
        var (exitCode, output) = await LocalProcess.RunAsync(
            new("dotnet", BuiltPrograms.MigrationService) { Environment = environment }
        );
        if (exitCode != 0)
        {
            throw new InvalidOperationException($"The migration failed:\n{output}");
        }
    }

    private async Task FillAsync()
    {
        var tokens = new TokenService(
            Microsoft.Extensions.Options.Options.Create(
                new TokenSettings { SigningKey = _signingKey, AccessTokenMinutes = 1440 }
            ),
            TimeProvider.System
        );
        People =
        [
            .. Enumerable
                .Range(0, PeopleCount)
                .Select(_ => Guid.CreateVersion7())
                .Select(id => new Person(id, $"Bearer {tokens.IssueAccessToken(id, Role.User)}")),
        ];
        Merchants = [.. Enumerable.Range(0, MerchantCount).Select(_ => Guid.CreateVersion7())];

        await using var owner = NpgsqlDataSource.Create(_cluster.ConnectionString(DatabaseName));
        await using (var connection = await owner.OpenConnectionAsync())
        {
            PostgresVersion = $"PostgreSQL {connection.PostgreSqlVersion.ToString(2)}";
            await using var batch = new NpgsqlBatch(connection);
            foreach (var statement in Data.Split(";\n", StringSplitOptions.RemoveEmptyEntries))
            {
                var command = new NpgsqlBatchCommand(statement);
                if (statement.Contains("$1", StringComparison.Ordinal))
                {
                    command.Parameters.Add(new() { Value = People.Select(it => it.Id).ToArray() });
                }
                else if (statement.Contains("$2", StringComparison.Ordinal))
                {
                    command.CommandText = statement.Replace("$2", "$1", StringComparison.Ordinal);
                    command.Parameters.Add(new() { Value = Merchants.ToArray() });
                }

                batch.BatchCommands.Add(command);
            }

            await batch.ExecuteNonQueryAsync();
        }

        await ExecuteAsync("VACUUM ANALYZE");
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var owner = NpgsqlDataSource.Create(_cluster.ConnectionString(DatabaseName));
        await using var command = owner.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
