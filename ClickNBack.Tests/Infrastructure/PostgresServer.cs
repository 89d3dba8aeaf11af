using System.Globalization;
using System.Security.Cryptography;
using Npgsql;

namespace ClickNBack.Tests.Infrastructure;

/// <summary>
/// The PostgreSQL server of this test run: started by the first test that needs one, stopped and removed after the last. One
/// of this machine's programs, else a container. What a run that was killed left behind, the next one removes.
/// </summary>
internal sealed class PostgresServer
{
    private const string Image = "docker.io/library/postgres:17";
    private const string Label = "clicknback-tests";
    private const string FolderPrefix = "clicknback-tests-";

    private static readonly SemaphoreSlim Gate = new(1, 1);
    private static PostgresServer? current;

    // Nothing of it outlives the run, so nothing is worth waiting for a disk.
    private static Dictionary<string, string> Settings =>
        new()
        {
            ["fsync"] = OnIf(IsDurable),
            ["synchronous_commit"] = OnIf(IsDurable),
            ["full_page_writes"] = OnIf(IsDurable),
            ["max_connections"] = "400",
        };

    private readonly string _password;
    private readonly int _port;
    private readonly Func<Task> _stop;

    private PostgresServer(int port, string password, Func<Task> stop)
    {
        _port = port;
        _password = password;
        _stop = stop;
    }

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
                await current._stop();
                current = null;
            }
        }
        finally
        {
            Gate.Release();
        }
    }

    /// <summary>A connection string for one of its databases, as the owner of everything.</summary>
    public string ConnectionString(string database) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = _port,
            Username = "postgres",
            Password = _password,
            Database = database,
            MaxPoolSize = 20,
            CommandTimeout = 60,
        }.ConnectionString;

    private static async Task<PostgresServer> StartAsync()
    {
        var password = RandomNumberGenerator.GetHexString(32);
        var binaries = await PostgresBinaries.FindAsync();
        if (binaries is not null)
        {
            await RemoveDeadRunsAsync(binaries);
            return await StartClusterAsync(binaries, password);
        }

        if (await ContainerEngine.FindAsync() is { } engine)
        {
            await RemoveDeadRunsAsync(engine);
            return await StartContainerAsync(engine, password);
        }

        throw new InvalidOperationException(
            $"The tests need PostgreSQL {PostgresBinaries.OldestMajor} or newer (Debian and Ubuntu: apt-get install "
                + "postgresql, macOS: brew install postgresql@17), or a running Docker or Podman."
        );
    }

    private static async Task<PostgresServer> StartClusterAsync(PostgresBinaries binaries, string password)
    {
        var folder = CreateFolder("");
        var log = new Queue<string>();
        var options = new PostgresClusterOptions
        {
            DataDirectory = Path.Combine(folder, "data"),
            Password = password,
            Binaries = binaries,
            Settings = Settings,
            Log = line =>
            {
                log.Enqueue(line);
                if (log.Count > 20)
                {
                    log.Dequeue();
                }
            },
        };
        try
        {
            var cluster = await PostgresCluster.StartAsync(options);
            return new PostgresServer(
                cluster.Port,
                password,
                async () =>
                {
                    await cluster.DisposeAsync();
                    Directory.Delete(folder, recursive: true);
                }
            );
        }
        catch (SetupException problem)
        {
            throw new InvalidOperationException(string.Join('\n', [problem.Message, .. log]), problem);
        }
    }

    /// <summary>A folder for a server's data, which the next run removes, server and all, if this one cannot.</summary>
    /// <param name="of">What tells it from the run's other ones.</param>
    public static string CreateFolder(string of) =>
        Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), FolderPrefix + ThisRun + of)).FullName;

    private static async Task RemoveDeadRunsAsync(PostgresBinaries binaries)
    {
        foreach (var folder in Directory.EnumerateDirectories(Path.GetTempPath(), FolderPrefix + "*"))
        {
            if (!IsAlive(Path.GetFileName(folder)[FolderPrefix.Length..]))
            {
                try
                {
                    await PostgresData.StopLeftoverAsync(Path.Combine(folder, "data"), binaries);
                    Directory.Delete(folder, recursive: true);
                }
                catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
                {
                    // Another user's, or another run is removing it at this moment.
                }
            }
        }
    }

    private static async Task RemoveDeadRunsAsync(ContainerEngine engine)
    {
        var (_, output) = await engine.RunAsync("ps", "--all", "--filter", $"label={Label}", "--format", "{{.Names}}");
        foreach (var name in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!IsAlive(name.Trim()[FolderPrefix.Length..]))
            {
                await engine.RunAsync("rm", "--force", "--volumes", name.Trim());
            }
        }
    }

    private static async Task<PostgresServer> StartContainerAsync(ContainerEngine engine, string password)
    {
        var name = FolderPrefix + ThisRun;
        var (exitCode, output) = await engine.RunAsync([
            "run",
            "--detach",
            "--rm",
            "--name",
            name,
            "--label",
            $"{Label}={ThisRun}",
            "--env",
            $"POSTGRES_PASSWORD={password}",
            "--publish",
            "127.0.0.1::5432",
            "--tmpfs",
            "/var/lib/postgresql/data",
            Image,
            .. Settings.SelectMany(setting => new[] { "-c", $"{setting.Key}={setting.Value}" }),
        ]);
        if (exitCode != 0)
        {
            throw new InvalidOperationException($"{engine.Program} cannot run {Image}: {output}");
        }

        var (_, published) = await engine.RunAsync("port", name, "5432/tcp");
        var port = int.Parse(published.Split('\n')[0].Split(':')[^1], CultureInfo.InvariantCulture);
        var server = new PostgresServer(port, password, () => engine.RunAsync("rm", "--force", "--volumes", name));
        await Until.TrueAsync(server.AnswersAsync, $"{Image} accepts connections");
        return server;
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionString("postgres"));
            await connection.OpenAsync();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private static string OnIf(bool condition) => condition ? "on" : "off";

    // A run is known by its process, and a process by its number together with its start.
    private static string ThisRun { get; } = $"{Environment.ProcessId}-{StartOf(Environment.ProcessId)}";

    private static readonly char[] NameSeparators = ['-', '.'];

    private static bool IsAlive(string run) =>
        run.Split(NameSeparators) is [var id, var start, ..]
        && int.TryParse(id, CultureInfo.InvariantCulture, out var process)
        && StartOf(process) == start;

    private static string? StartOf(int process) =>
        LocalProcess.IdentityOf(process) is { } identity
            ? Convert
                .ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(identity)))
                .AsSpan(0, 12)
                .ToString()
            : null;
}
