using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace ClickNBack.AppHost.Standalone;

/// <summary>What a local PostgreSQL server should be like.</summary>
internal sealed record PostgresClusterOptions
{
    /// <summary>Where the data live; null: a temporary folder that is removed at the end.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>The superuser.</summary>
    public string User { get; init; } = "postgres";

    /// <summary>The superuser's password; a server that already has data gets it too.</summary>
    public string Password { get; init; } = RandomNumberGenerator.GetHexString(32);

    /// <summary>TCP port on 127.0.0.1; 0: any free one.</summary>
    public int Port { get; init; }

    /// <summary>Databases that must exist.</summary>
    public IReadOnlyList<string> Databases { get; init; } = [];

    /// <summary>Server settings, such as fsync=off for tests.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } =
        new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>More arguments for initdb.</summary>
    public IReadOnlyList<string> InitDbArguments { get; init; } = [];

    /// <summary>The programs to use; null: the newest that fit the data.</summary>
    public PostgresBinaries? Binaries { get; init; }

    /// <summary>Receives the server's log, line by line.</summary>
    public Action<string> Log { get; init; } = static _ => { };
}

/// <summary>
/// A PostgreSQL server of our own, as a child process: loopback only, passwords only, no socket files, nothing of it in the system.
/// </summary>
internal sealed class PostgresCluster : IAsyncDisposable
{
    private readonly PostgresClusterOptions options;
    private readonly PostgresBinaries binaries;
    private readonly UnixUser? user = UnixUser.ForPostgres();
    private readonly string data;
    private LocalProcess? server;

    private PostgresCluster(PostgresClusterOptions options, PostgresBinaries binaries, string data)
    {
        this.options = options;
        this.binaries = binaries;
        this.data = data;
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
        var folder = options.DataDirectory is { } given
            ? Path.GetFullPath(given)
            : Path.Combine(
                Path.GetTempPath(),
                $"clicknback-postgres-{RandomNumberGenerator.GetHexString(12, lowercase: true)}"
            );
        var programs =
            options.Binaries
            ?? await PostgresBinaries.FindAsync(MajorOf(folder))
            ?? throw new SetupException(MissingMessage(folder));
        var cluster = new PostgresCluster(options, programs, folder);
        try
        {
            await cluster.PrepareAsync(cancellationToken);
            await cluster.ServeAsync(cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The major version that wrote the data in a folder, or null when there are none.</summary>
    public static int? MajorOf(string data)
    {
        var file = Path.Combine(data, "PG_VERSION");
        return File.Exists(file)
            ? int.Parse(File.ReadAllText(file).AsSpan().Trim(), CultureInfo.InvariantCulture)
            : null;
    }

    /// <summary>A TCP port of the loopback interface that nobody uses at the moment.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Ends a server that an earlier run left behind on these data; false when there is none.</summary>
    public static async Task<bool> StopLeftoverAsync(string data, PostgresBinaries binaries)
    {
        if (!IsServed(data))
        {
            return false;
        }

        var stop = new LocalProcessOptions(binaries.PgCtl, "stop", "-D", data, "-m", "fast", "-w", "-t", "10");
        var (exitCode, output) = await LocalProcess.RunAsync(
            stop with
            {
                RunAs = UnixUser.ForPostgres(),
                WorkingDirectory = data,
            }
        );
        return exitCode == 0 || !IsServed(data)
            ? true
            : throw new SetupException(
                $"A PostgreSQL server of an earlier run still uses {data} and does not stop: {output}"
            );
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
            await StopLeftoverAsync(data, binaries);
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

        if (options.DataDirectory is null && Directory.Exists(data))
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (MajorOf(data) is { } major && major != binaries.Major)
        {
            throw new SetupException(MissingMessage(data));
        }

        if (MajorOf(data) is null)
        {
            await InitializeAsync(cancellationToken);
        }
        else
        {
            await StopLeftoverAsync(data, binaries);
        }

        await RepairAsync(cancellationToken);
    }

    // Created beside its place and moved there when complete: an interrupted initdb leaves nothing that looks like data.
    private async Task InitializeAsync(CancellationToken cancellationToken)
    {
        var unfinished = data + ".unfinished";
        var passwordFile = data + ".password";
        Directory.CreateDirectory(Path.GetDirectoryName(data)!);
        if (Directory.Exists(unfinished))
        {
            Directory.Delete(unfinished, recursive: true);
        }

        Directory.CreateDirectory(unfinished);
        File.Delete(passwordFile);
        var privately = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(unfinished, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            privately.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            await using (var file = new StreamWriter(passwordFile, privately))
            {
                await file.WriteLineAsync(options.Password);
            }

            user?.Own(unfinished);
            user?.Own(passwordFile);
            var (exitCode, output) = await RunToolAsync(
                binaries.InitDb,
                input: null,
                [
                    "--pgdata",
                    unfinished,
                    "--username",
                    options.User,
                    $"--pwfile={passwordFile}",
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    $"--locale={Locale}",
                    "--lc-messages=C",
                    "--no-sync",
                    "--no-instructions",
                    .. options.InitDbArguments,
                ],
                cancellationToken
            );
            if (exitCode != 0)
            {
                throw new SetupException($"PostgreSQL cannot create its data in {data}: {output}");
            }

            Directory.Move(unfinished, data);
        }
        finally
        {
            File.Delete(passwordFile);
        }
    }

    /// <summary>
    /// Makes role, password and databases what they should be, in single-user mode: no password is needed for that, so a lost one
    /// (user secrets deleted, data kept) mends itself at the next start.
    /// </summary>
    private async Task RepairAsync(CancellationToken cancellationToken)
    {
        var name = Identifier(options.User);
        List<string> statements =
        [
            $"DO $$BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {Literal(options.User)}) THEN CREATE ROLE {name}; END IF; END$$;",
            $"ALTER ROLE {name} WITH SUPERUSER LOGIN PASSWORD {Literal(options.Password)};",
            .. options.Databases.Select(database => $"CREATE DATABASE {Identifier(database)} OWNER {name};"),
        ];
        var (exitCode, output) = await RunToolAsync(
            binaries.Postgres,
            string.Join('\n', statements) + "\n",
            [
                "--single",
                "-D",
                data,
                "-c",
                "log_error_verbosity=verbose",
                "-c",
                "log_min_error_statement=panic",
                "-c",
                "lc_messages=C",
                "-c",
                "logging_collector=off",
                "postgres",
            ],
            cancellationToken
        );
        const string AlreadyExists = "42P04";
        var error = output
            .Split('\n')
            .FirstOrDefault(line =>
                (
                    line.Contains("ERROR:", StringComparison.Ordinal)
                    && !line.Contains(AlreadyExists, StringComparison.Ordinal)
                )
                || line.Contains("FATAL:", StringComparison.Ordinal)
                || line.Contains("PANIC:", StringComparison.Ordinal)
            );
        if (exitCode != 0 || error is not null)
        {
            throw new SetupException($"PostgreSQL cannot open its data in {data}: {error ?? output}");
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
                    WorkingDirectory = data,
                    Environment = CleanEnvironment(),
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

        return ["-D", data, .. settings.SelectMany(setting => new[] { "-c", $"{setting.Key}={setting.Value}" })];
    }

    private Task<(int ExitCode, string Output)> RunToolAsync(
        string program,
        string? input,
        IReadOnlyList<string> arguments,
        CancellationToken cancellationToken
    ) =>
        LocalProcess.RunAsync(
            new(program, arguments)
            {
                RunAs = user,
                WorkingDirectory = Path.GetPathRoot(data),
                Environment = CleanEnvironment(),
            },
            input,
            cancellationToken
        );

    // PGDATA, PGPORT and the like of a developer's shell must not reach a server that is not theirs.
    private static Dictionary<string, string> CleanEnvironment() =>
        LocalProcess
            .InheritedEnvironment()
            .Where(variable => !variable.Key.StartsWith("PG", StringComparison.Ordinal))
            .ToDictionary(StringComparer.Ordinal);

    // The official image sorts and folds by a UTF-8 locale; these exist wherever the system does.
    private static string Locale =>
        OperatingSystem.IsLinux() ? "C.UTF-8"
        : OperatingSystem.IsMacOS() ? "en_US.UTF-8"
        : "C";

    // postmaster.pid holds the server's number and start time: both must fit, for numbers are used again.
    private static bool IsServed(string data)
    {
        try
        {
            var lines = File.ReadAllLines(Path.Combine(data, "postmaster.pid"));
            using var postmaster = Process.GetProcessById(int.Parse(lines[0], CultureInfo.InvariantCulture));
            var started = DateTimeOffset.FromUnixTimeSeconds(long.Parse(lines[2], CultureInfo.InvariantCulture));
            return (started - new DateTimeOffset(postmaster.StartTime)).Duration() < TimeSpan.FromSeconds(10);
        }
        catch (Exception problem)
            when (problem
                    is IOException
                        or ArgumentException
                        or FormatException
                        or IndexOutOfRangeException
                        or InvalidOperationException
                        or System.ComponentModel.Win32Exception
            )
        {
            return false;
        }
    }

    private static string MissingMessage(string data) =>
        MajorOf(data) is { } major
            ? $"The data in {data} were written by PostgreSQL {major}, which is not installed (any more): install it, or drop the data with `make reset`."
            : $"No PostgreSQL {PostgresBinaries.OldestMajor} or newer was found: install it (Debian and Ubuntu: apt-get install postgresql, macOS: brew install postgresql@17).";

    private static string Identifier(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Literal(string value) => $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";
}
