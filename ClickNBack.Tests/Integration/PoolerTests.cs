using System.Globalization;
using ClickNBack.MigrationService;
using ClickNBack.Tests.Infrastructure;
using Npgsql;

namespace ClickNBack.Tests.Integration;

/// <summary>With PgBouncer in transaction mode before the database.</summary>
public sealed class PoolerTests
{
    [FactWith(Requirement.PgBouncer)]
    public async Task Through_it_the_api_works_without_prepared_statements()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var pooler = await PgBouncer.StartAsync(database);
        await using var api = await ApiServer.StartAsync($"{pooler.ConnectionString};Max Auto Prepare=0");
        (await api.Anonymous.GetAsync("/ready")).Expect(200);
        var shop = await Shop.OpenAsync(database);
        var people = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => api.UserAsync()));

        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 200)
                .Select(it =>
                    it % 4 == 0
                        ? people[it / 4 % 4].TryBuyAsync(shop, 10)
                        : people[it % 4].Api.GetAsync("/api/v1/users/me/wallet")
                )
        );

        Assert.All(answers, it => Assert.InRange(it.Status, 200, 201));
        await database.InvariantsHoldAsync();
    }

    [FactWith(Requirement.PgBouncer)]
    public async Task Through_it_the_api_is_not_ready_before_somebody_said_whether_to_prepare()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var pooler = await PgBouncer.StartAsync(database);
        await using var api = await ApiServer.StartAsync(pooler.ConnectionString);

        (await api.Anonymous.GetAsync("/ready")).Expect(503);

        Assert.Contains(api.LogLines, it => it.Contains("must say \"Max Auto Prepare\"", StringComparison.Ordinal));
    }

    [FactWith(Requirement.PgBouncer)]
    public async Task Through_it_nothing_migrates()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var pooler = await PgBouncer.StartAsync(database);

        var (exitCode, output) = await ChildProcess.RunAsync(
            typeof(MigrationProgram).Assembly,
            [
                $"--ConnectionStrings:clicknback={pooler.ConnectionString}",
                $"--Database:ApiRolePassword={Templates.ApiRolePassword}",
            ]
        );

        Assert.Equal(1, exitCode);
        Assert.Contains("Connect to PostgreSQL itself", output);
    }

    private sealed class PgBouncer : IAsyncDisposable
    {
        // Standard input ends when the tests do, however they end.
        private const string EndsWithUs = """ "$@" & trap "kill $!; wait" EXIT; trap exit TERM; read -r _ """;

        private readonly ChildProcess _process;
        private readonly string _folder;

        private PgBouncer(ChildProcess process, string folder, string connectionString)
        {
            _process = process;
            _folder = folder;
            ConnectionString = connectionString;
        }

        /// <summary>As the API's role.</summary>
        public string ConnectionString { get; }

        public static async Task<PgBouncer> StartAsync(TestDatabase database)
        {
            var server = new NpgsqlConnectionStringBuilder(database.ApiConnectionString);
            var port = ChildProcess.FreePort();
            var folder = Path.Combine(Path.GetTempPath(), $"clicknback-pooler-{Path.GetRandomFileName()}");
            Directory.CreateDirectory(folder);
            var (settings, users) = (Path.Combine(folder, "pgbouncer.ini"), Path.Combine(folder, "users"));
            await File.WriteAllTextAsync(users, $"\"{ApiRole.Name}\" \"{Templates.ApiRolePassword}\"");
            await File.WriteAllTextAsync(
                settings,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"""
                    [databases]
                    {server.Database} = host={server.Host} port={server.Port}
                    [pgbouncer]
                    listen_addr = 127.0.0.1
                    listen_port = {port}
                    unix_socket_dir =
                    auth_type = scram-sha-256
                    auth_file = {users}
                    pool_mode = transaction
                    default_pool_size = 3
                    """
                )
            );
            string[] unprivileged = Environment.IsPrivilegedProcess ? ["-u", "nobody"] : []; // it refuses root
            var process = ChildProcess.Start([
                "sh",
                "-c",
                EndsWithUs,
                "sh",
                FactWithDiscoverer.PgBouncer,
                .. unprivileged,
                settings,
            ]);
            server.Port = port;
            server.Pooling = true;
            var pooler = new PgBouncer(process, folder, server.ConnectionString);
            await Until.TrueAsync(pooler.AnswersAsync, "the pooler answers");
            return pooler;
        }

        public async ValueTask DisposeAsync()
        {
            await using (var pool = new NpgsqlConnection(ConnectionString))
            {
                NpgsqlConnection.ClearPool(pool);
            }

            await _process.DisposeAsync();
            Directory.Delete(_folder, recursive: true);
        }

        private async Task<bool> AnswersAsync()
        {
            try
            {
                await TestDatabase.ExecuteAsync(ConnectionString, "SELECT 1");
                return true;
            }
            catch (NpgsqlException)
            {
                return false;
            }
        }
    }
}
