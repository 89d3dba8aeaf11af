using ClickNBack.AppHost.LocalPostgres;
using Npgsql;

namespace ClickNBack.Tests.Infrastructure;

/// <summary>
/// The PostgreSQL server of this test run: started by the first test that needs one, stopped and removed after the last. It
/// runs from this machine's programs, else in a container.
/// </summary>
internal sealed class PostgresServer
{
    private static readonly SemaphoreSlim Gate = new(1, 1);
    private static PostgresServer? current;

    // Nothing of it outlives the run, so nothing is worth waiting for a disk.
    private static Dictionary<string, string> Settings =>
        new(StringComparer.Ordinal)
        {
            ["fsync"] = OnIf(IsDurable),
            ["synchronous_commit"] = OnIf(IsDurable),
            ["full_page_writes"] = OnIf(IsDurable),
            ["max_connections"] = "400",
        };

    private readonly AppHostPostgres _postgres;

    private PostgresServer(AppHostPostgres postgres) => _postgres = postgres;

    /// <summary>Whether it writes as in production; to be said before it starts.</summary>
    public static bool IsDurable { get; set; }

    /// <summary>The server; started if this is the first call.</summary>
    public static async Task<PostgresServer> StartedAsync()
    {
        await Gate.WaitAsync();
        try
        {
            return current ??= await StartAsync();
        }
        finally
        {
            Gate.Release();
        }
    }

    /// <summary>Stops the server, if there is one, and removes what it stored.</summary>
    public static async Task StopAsync()
    {
        await Gate.WaitAsync();
        try
        {
            if (current is not null)
            {
                NpgsqlConnection.ClearAllPools();
                await current._postgres.DisposeAsync();
                current = null;
            }
        }
        finally
        {
            Gate.Release();
        }
    }

    /// <summary>A connection string for one of its databases, as the owner of everything.</summary>
    public string ConnectionString(string database)
    {
        var connection = _postgres.Connection(database);
        connection.MaxPoolSize = 20;
        connection.CommandTimeout = 60;
        return connection.ConnectionString;
    }

    private static async Task<PostgresServer> StartAsync()
    {
        var from = PostgresBinaries.Find() is null ? "container" : "binaries";
        return new(
            await AppHostPostgres.StartAsync(
                Settings,
                $"--Postgres:From={from}",
                $"--Postgres:Folder={TemporaryFolders.Create()}"
            )
        );
    }

    private static string OnIf(bool condition) => condition ? "on" : "off";
}
