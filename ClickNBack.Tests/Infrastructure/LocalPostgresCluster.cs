using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace ClickNBack.Tests.Infrastructure;

/// <summary>
/// A PostgreSQL server of our own, as a child process: loopback only, passwords only, no socket files, nothing of it in the system.
/// </summary>
internal sealed class PostgresCluster : IAsyncDisposable
{
    private readonly PostgresClusterOptions options;
    private readonly PostgresBinaries binaries;
    private readonly UnixUser? user = UnixUser.ForPostgres();
    private readonly string folder;
    private readonly PostgresData data;
    private LocalProcess? server;

    private PostgresCluster(PostgresClusterOptions options, PostgresBinaries binaries, string folder)
    {
        this.options = options;
        this.binaries = binaries;
        this.folder = folder;
        data = new(folder, binaries);
    }

    public static string Host => "127.0.0.1";

    public int Port { get; private set; }

    public string User => options.User;

    public string Password => options.Password;

    /// <summary>The server process; its exit code when it ends.</summary>
    public LocalProcess Server => server ?? throw new InvalidOperationException("The server is not running.");

    /// <summary>A connection string for one of its databases, as the superuser.</summary>
    public string ConnectionString(string database) =>
        $"Host={Host};Port={Port};Username={User};Password={Password};Database={database}";

    /// <summary>Starts a server, with its data created or repaired first, and returns when it accepts connections.</summary>
    /// <exception cref="SetupException">No usable PostgreSQL, or the server does not start; the message says why.</exception>
    public static async Task<PostgresCluster> StartAsync(
        PostgresClusterOptions options,
        CancellationToken cancellationToken = default
    )
    {
        var place = options.DataDirectory is { } given
            ? Path.GetFullPath(given)
            : Path.Combine(
                Path.GetTempPath(),
                $"clicknback-postgres-{RandomNumberGenerator.GetHexString(12, lowercase: true)}"
            );
        var programs =
            options.Binaries
            ?? await PostgresBinaries.FindAsync(PostgresData.MajorOf(place))
            ?? throw new SetupException(PostgresData.MissingMessage(place));
        var cluster = new PostgresCluster(options, programs, place);
        try
        {
            await cluster.data.PrepareAsync(options, cancellationToken);
            await cluster.ServeAsync(cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>A TCP port of the loopback interface that nobody uses at the moment.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Ends the server: clients are disconnected, everything is written; a server that does not obey recovers next time.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        if (server is null)
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            await PostgresData.StopLeftoverAsync(folder, binaries);
        }
        else
        {
            UnixSignals.Send(server.Id, UnixSignal.Interrupt);
            await Task.WhenAny(server.Exit, Task.Delay(grace));
        }

        await server.StopAsync(UnixSignal.Quit, TimeSpan.FromSeconds(1));
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            await StopAsync(TimeSpan.FromSeconds(10));
            await server.DisposeAsync();
        }

        if (options.DataDirectory is null && Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task ServeAsync(CancellationToken cancellationToken)
    {
        var attempt = 0;
        while (true)
        {
            attempt++;
            Port = options.Port == 0 ? FreePort() : options.Port;
            var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            server = LocalProcess.Start(
                new(binaries.Postgres, ServerArguments())
                {
                    RunAs = user,
                    WorkingDirectory = folder,
                    Environment = PostgresData.CleanEnvironment(),
                    OnLine = line =>
                    {
                        options.Log(line);
                        if (line.Contains("database system is ready to accept connections", StringComparison.Ordinal))
                        {
                            ready.TrySetResult();
                        }
                    },
                }
            );
            await Task.WhenAny(ready.Task, server.Exit).WaitAsync(cancellationToken);
            if (ready.Task.IsCompleted)
            {
                return;
            }

            var exitCode = await server.Exit;
            await server.DisposeAsync();
            server = null;

            // Between finding a free port and using it somebody else may have taken it.
            if (options.Port != 0 || attempt == 3)
            {
                throw new SetupException(
                    $"PostgreSQL does not start on port {Port} (exit code {exitCode}); its log says why."
                );
            }
        }
    }

    private List<string> ServerArguments()
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["listen_addresses"] = Host,
            ["port"] = Port.ToString(CultureInfo.InvariantCulture),
            ["unix_socket_directories"] = "", // their paths are limited to 107 characters, and nobody needs them
            ["logging_collector"] = "off",
            ["log_destination"] = "stderr",
            ["lc_messages"] = "C",
        };
        foreach (var (name, value) in options.Settings)
        {
            settings[name] = value;
        }

        return ["-D", folder, .. settings.SelectMany(setting => new[] { "-c", $"{setting.Key}={setting.Value}" })];
    }
}
