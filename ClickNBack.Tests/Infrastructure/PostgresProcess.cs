using System.Globalization;
using ClickNBack.AppHost.LocalPostgres;
using ClickNBack.MigrationService;
using Npgsql;

namespace ClickNBack.Tests.Infrastructure;

/// <summary>A PostgreSQL server of a test's own, as durable as in production, which can be killed and started again.</summary>
internal sealed class PostgresProcess : IAsyncDisposable
{
    private const string Database = "clicknback";
    private const string Owner = "owner";
    private const string OwnerPassword = "owner-of-the-tests";

    private readonly PostgresCluster _cluster = new(TemporaryFolders.Create(), PostgresBinaries.Find()!, keep: false);
    private readonly int _port = ChildProcess.FreePort(); // the same after a restart
    private readonly string[] _settings;
    private readonly Action<string>? _onLine;
    private ChildProcess _server = null!;

    private PostgresProcess(IReadOnlyDictionary<string, string> settings, Action<string>? onLine)
    {
        _settings = [.. settings.SelectMany(it => new[] { "-c", $"{it.Key}={it.Value}" })];
        _onLine = onLine;
    }

    /// <summary>Its one database as the superuser.</summary>
    public string OwnerConnectionString => As(Owner, OwnerPassword);

    /// <summary>Its one database as the API connects.</summary>
    public string ApiConnectionString =>
        new NpgsqlConnectionStringBuilder(As(ApiRole.Name, Templates.ApiRolePassword))
        {
            Pooling = true,
        }.ConnectionString;

    /// <summary>Starts one with an empty database.</summary>
    /// <param name="settings">The server's settings.</param>
    /// <param name="onLine">Receives what it logs.</param>
    public static async Task<PostgresProcess> StartAsync(
        IReadOnlyDictionary<string, string> settings,
        Action<string>? onLine = null
    )
    {
        var postgres = new PostgresProcess(settings, onLine);
        await postgres.RestartAsync();
        return postgres;
    }

    /// <summary>Starts one with a migrated database and an administrator.</summary>
    public static async Task<PostgresProcess> StartMigratedAsync()
    {
        var postgres = await StartAsync(new Dictionary<string, string>());
        var (exitCode, output) = await Templates.MigrateAsync(
            postgres.OwnerConnectionString,
            [],
            ("Seed:AdminEmail", Templates.AdminEmail)
        );
        Assert.True(exitCode == 0, $"The migration worker failed: {output}");
        return postgres;
    }

    /// <summary>Ends the postmaster and all its children at this very moment.</summary>
    public Task KillAsync() => _server.KillAsync();

    /// <summary>Starts it again on what it left; it recovers by itself.</summary>
    public async Task RestartAsync()
    {
        await _cluster.PrepareAsync(Owner, OwnerPassword, [Database], CancellationToken.None);
        var port = _port.ToString(CultureInfo.InvariantCulture);
        _server = ChildProcess.Start([.. _cluster.Command, "-p", port, .. _settings], _onLine);
        await Until.TrueAsync(AcceptsConnectionsAsync, "PostgreSQL accepts connections");
    }

    /// <summary>Its one database as another role.</summary>
    public string As(string user, string password) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = _port,
            Username = user,
            Password = password,
            Database = Database,
            Pooling = false,
        }.ConnectionString;

    /// <summary>The rows that a query answers, each with its values separated by blanks.</summary>
    public Task<List<string>> RowsAsync(string sql, params object[] parameters) =>
        TestDatabase.QueryAsync(OwnerConnectionString, sql, parameters);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _cluster.Dispose();
    }

    private async Task<bool> AcceptsConnectionsAsync()
    {
        try
        {
            await RowsAsync("SELECT 1");
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }
}
