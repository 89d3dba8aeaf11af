using System.Diagnostics;
using System.Globalization;

namespace ClickNBack.AppHost.LocalPostgres;

/// <summary>The files of a PostgreSQL server: made, mended, and freed of a server that a killed run left on them.</summary>
/// <param name="folder">Where they are, with the lock that keeps a second run away.</param>
/// <param name="binaries">The programs that serve them.</param>
/// <param name="keep">Whether they outlive this object.</param>
internal sealed class PostgresCluster(string folder, PostgresBinaries binaries, bool keep) : IDisposable
{
    // No sockets: their paths are limited to 107 characters, and nobody needs them.
    private static readonly string[] Settings =
    [
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "logging_collector=off",
        "lc_messages=C",
    ];

    private static readonly string[] Users = ["postgres", "nobody"];

    private FileStream? _lock;

    /// <summary>The command that serves the files, without a port.</summary>
    public IReadOnlyList<string> Command { get; } =
    [
        .. AsUnprivilegedUser(),
        binaries.Program("postgres"),
        "-D",
        DataOf(folder),
        .. Settings.SelectMany(setting => new[] { "-c", setting }),
    ];

    /// <summary>The major version that wrote the files of a folder; null: there are none.</summary>
    public static int? MajorOf(string folder) =>
        File.Exists(Path.Combine(DataOf(folder), "PG_VERSION"))
            ? int.Parse(File.ReadAllText(Path.Combine(DataOf(folder), "PG_VERSION")), CultureInfo.InvariantCulture)
            : null;

    /// <summary>Brings the files to where a server can be started on them, with the role and the databases there.</summary>
    /// <exception cref="DistributedApplicationException">They cannot be used; the message says why.</exception>
    public async Task PrepareAsync(
        string user,
        string password,
        IEnumerable<string> databases,
        CancellationToken cancellationToken
    )
    {
        Directory.CreateDirectory(folder);
        Lock();
        if (MajorOf(folder) is null)
        {
            Initialize();
        }

        StopLeftover();
        await MendAsync(user, password, databases, cancellationToken);
    }

    /// <summary>Removes the files.</summary>
    /// <exception cref="DistributedApplicationException">A run is using them.</exception>
    public static void Remove(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        var hold = TryLock(folder) ?? throw InUse(folder);
        hold.Dispose(); // Windows does not delete a file that is open
        Directory.Delete(folder, recursive: true);
    }

    public void Dispose()
    {
        _lock?.Dispose();
        if (!keep && Directory.Exists(folder))
        {
            StopLeftover();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string DataOf(string folder) => Path.Combine(folder, "data");

    private void Lock() => _lock ??= TryLock(folder) ?? throw InUse(folder);

    private static FileStream? TryLock(string folder)
    {
        try
        {
            return new(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static DistributedApplicationException InUse(string folder) =>
        new($"Another run uses the data in {folder}: end that one first (Ctrl-C in its terminal).");

    // Made beside their place and moved there when complete: an interrupted initdb leaves nothing that looks like data.
    private void Initialize()
    {
        var unfinished = Path.Combine(folder, "unfinished");
        if (Directory.Exists(unfinished))
        {
            Directory.Delete(unfinished, recursive: true);
        }

        if (UnprivilegedUser is { } owner)
        {
            Run(["chown", owner, folder]);
        }

        // Trusting nobody but this process, in single-user mode: passwords, and who must give one, come after that.
        Run([
            .. AsUnprivilegedUser(),
            binaries.Program("initdb"),
            $"--pgdata={unfinished}",
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            $"--locale={(OperatingSystem.IsLinux() ? "C.UTF-8" : "C")}",
            "--no-sync",
        ]);
        File.WriteAllText(Path.Combine(unfinished, "pg_hba.conf"), "host all all 127.0.0.1/32 scram-sha-256\n");
        Directory.Move(unfinished, DataOf(folder));
    }

    // The lock is ours, so whoever serves these files belongs to a run that was killed.
    private void StopLeftover()
    {
        var file = Path.Combine(DataOf(folder), "postmaster.pid");
        if (IsServed(file))
        {
            Run([.. AsUnprivilegedUser(), binaries.Program("pg_ctl"), "stop", "-D", DataOf(folder), "-m", "fast"]);
        }

        File.Delete(file);
    }

    // The file holds the server's number and start: both must fit, for numbers are used again.
    private static bool IsServed(string file)
    {
        try
        {
            var lines = File.ReadAllLines(file);
            using var process = Process.GetProcessById(int.Parse(lines[0], CultureInfo.InvariantCulture));
            var started = DateTimeOffset.FromUnixTimeSeconds(long.Parse(lines[2], CultureInfo.InvariantCulture));
            return (started - new DateTimeOffset(process.StartTime)).Duration() < TimeSpan.FromSeconds(10);
        }
        catch (Exception problem)
            when (problem
                    is IOException
                        or ArgumentException
                        or FormatException
                        or IndexOutOfRangeException
                        or InvalidOperationException
            )
        {
            return false; // no such file, half a file, no such process
        }
    }

    // Single-user mode asks for no password, so a lost one (user secrets deleted, data kept) mends itself at the next start.
    private async Task MendAsync(
        string user,
        string password,
        IEnumerable<string> databases,
        CancellationToken cancellationToken
    )
    {
        var (role, name) = (Quoted(user, '"'), Quoted(user, '\''));
        string[] statements =
        [
            $"DO $$BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {name}) THEN CREATE ROLE {role}; END IF; END$$;",
            $"ALTER ROLE {role} WITH SUPERUSER LOGIN PASSWORD {Quoted(password, '\'')};",
            .. databases.Select(database => $"CREATE DATABASE {Quoted(database, '"')} OWNER {role};"),
        ];
        string[] command =
        [
            .. AsUnprivilegedUser(),
            binaries.Program("postgres"),
            "--single",
            "-D",
            DataOf(folder),
            "-c",
            "log_min_error_statement=panic", // no password in a message
            "postgres",
        ];

        // The children of a server that was killed hold its memory for a moment.
        var input = string.Join('\n', statements);
        var (_, output) = Tool.Run(command, input);
        for (var attempt = 0; output.Contains("still in use", StringComparison.Ordinal) && attempt < 20; attempt++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500), cancellationToken);
            (_, output) = Tool.Run(command, input);
        }

        var problem = output
            .Split('\n')
            .FirstOrDefault(line =>
                (
                    line.Contains("ERROR:", StringComparison.Ordinal)
                    && !line.EndsWith("already exists", StringComparison.Ordinal)
                )
                || line.Contains("FATAL:", StringComparison.Ordinal)
                || line.Contains("PANIC:", StringComparison.Ordinal)
            );
        if (problem is not null)
        {
            throw new DistributedApplicationException($"PostgreSQL cannot open its data in {folder}: {problem}");
        }
    }

    private static void Run(string[] command)
    {
        var (exitCode, output) = Tool.Run(command);
        if (exitCode != 0)
        {
            throw new DistributedApplicationException($"{string.Join(' ', command)} failed: {output}");
        }
    }

    private static string Quoted(string text, char quote) =>
        $"{quote}{text.Replace(quote.ToString(), new string(quote, 2), StringComparison.Ordinal)}{quote}";

    // PostgreSQL refuses root. setpriv becomes the server in place, so signals reach it.
    private static string[] AsUnprivilegedUser() =>
        UnprivilegedUser is { } user ? ["setpriv", $"--reuid={user}", $"--regid={user}", "--clear-groups", "--"] : [];

    private static string? UnprivilegedUser =>
        OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess
            ? Users.First(user =>
                File.ReadLines("/etc/passwd").Any(line => line.StartsWith(user + ":", StringComparison.Ordinal))
            )
            : null;
}
