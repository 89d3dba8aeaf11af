using System.Diagnostics;
using ClickNBack.MigrationService;
using ClickNBack.Tests.Infrastructure;
using Npgsql;

namespace ClickNBack.Tests.Integration.Crashes;

/// <summary>A PostgreSQL server of a test's own, as durable as in production, which can be killed and started again.</summary>
internal sealed class KillablePostgres : IAsyncDisposable
{
    private const string Name = "clicknback";

    private static int made;

    private readonly string _folder;
    private readonly PostgresClusterOptions _options;
    private PostgresCluster _cluster;

    private KillablePostgres(string folder, PostgresClusterOptions options, PostgresCluster cluster)
    {
        _folder = folder;
        _options = options;
        _cluster = cluster;
    }

    public string OwnerConnectionString =>
        new NpgsqlConnectionStringBuilder(_cluster.ConnectionString(Name)) { Pooling = false }.ConnectionString;

    public string ApiConnectionString =>
        new NpgsqlConnectionStringBuilder(_cluster.ConnectionString(Name))
        {
            Username = ApiRole.Name,
            Password = Templates.ApiRolePassword,
        }.ConnectionString;

    /// <summary>Starts one with a migrated database and an administrator.</summary>
    public static async Task<KillablePostgres> StartAsync()
    {
        var folder = PostgresServer.CreateFolder($".{Interlocked.Increment(ref made)}");
        var options = new PostgresClusterOptions
        {
            DataDirectory = Path.Combine(folder, "data"),
            Port = PostgresCluster.FreePort(), // the same after a restart
            Databases = [Name],
            Settings = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["fsync"] = "on",
                ["synchronous_commit"] = "on",
                ["full_page_writes"] = "on",
            },
        };
        var postgres = new KillablePostgres(folder, options, await PostgresCluster.StartAsync(options));
        var (exitCode, output) = await Templates.MigrateAsync(
            postgres.OwnerConnectionString,
            [],
            ("Seed:AdminEmail", Templates.AdminEmail)
        );
        Assert.True(exitCode == 0, $"The migration worker failed: {output}");
        return postgres;
    }

    /// <summary>Ends the postmaster and all its children at this very moment.</summary>
    public async Task KillAsync()
    {
        using var postmaster = Process.GetProcessById(_cluster.Server.Id);
        postmaster.Kill(entireProcessTree: true);
        await _cluster.DisposeAsync();
    }

    /// <summary>Starts it again on what it left; it recovers by itself.</summary>
    public async Task RestartAsync() => _cluster = await PostgresCluster.StartAsync(_options);

    /// <summary>The rows that a query answers, each with its values separated by blanks.</summary>
    public Task<List<string>> RowsAsync(string sql, params object[] parameters) =>
        TestDatabase.QueryAsync(OwnerConnectionString, sql, parameters);

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
