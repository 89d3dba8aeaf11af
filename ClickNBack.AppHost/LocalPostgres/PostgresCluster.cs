using System.Globalization;

namespace ClickNBack.AppHost.LocalPostgres;

/// <summary>The files of a PostgreSQL server: made, and mended at every start.</summary>
/// <param name="folder">Where they are, with the lock that keeps a second run away.</param>
/// <param name="binaries">The programs that serve them.</param>
/// <param name="keep">Whether they outlive this object.</param>
internal sealed class PostgresCluster(string folder, PostgresBinaries binaries, bool keep) : IDisposable
{
    // No sockets: their paths are limited to 107 characters, and nobody needs them. Messages in English: they are read below.
    private static readonly string[] Settings =
    [
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "logging_collector=off",
        "lc_messages=C",
    ];

    private readonly string _data = DataOf(folder);
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

    /// <summary>Takes the files for this run.</summary>
    /// <exception cref="DistributedApplicationException">Another run uses them.</exception>
    public void Lock()
    {
        Directory.CreateDirectory(folder);
        _lock ??= LockOf(folder);
    }

    /// <summary>Brings the files to where a server can be started on them, with the role and the databases there.</summary>
    /// <exception cref="DistributedApplicationException">They cannot be used; the message says why.</exception>
    public async Task PrepareAsync(
        string user,
        string password,
        IEnumerable<string> databases,
        CancellationToken cancellationToken
    )
    {
        Lock();
        if (MajorOf(folder) is null)
        {
            Initialize(user);
        }

        await MendAsync(user, password, databases, cancellationToken);
    }

    /// <summary>Removes the files.</summary>
    /// <exception cref="DistributedApplicationException">A run is using them.</exception>
    public static void Remove(string folder)
    {
        if (Directory.Exists(folder))
        {
            LockOf(folder).Dispose(); // Windows does not delete a file that is open
            DeleteAll(folder);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _lock?.Dispose();
        if (!keep)
        {
            DeleteAll(folder);
        }
    }

    // A server that was killed a moment ago may still be removing or making files in it.
    private static void DeleteAll(string folder)
    {
        var attempts = 100;
        while (Directory.Exists(folder))
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (IOException) when (--attempts > 0)
            {
                // Once more.
            }
        }
    }

    private static string DataOf(string folder) => Path.Combine(folder, "data");

    private static FileStream LockOf(string folder)
    {
        try
        {
            return new(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException taken)
        {
            throw new DistributedApplicationException(
                $"Another run uses the data in {folder}: end that one first (Ctrl-C in its terminal).",
                taken
            );
        }
    }

    // Made beside their place and moved there when complete: an interrupted initdb leaves nothing that looks like data.
    private void Initialize(string user)
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
            $"--username={user}",
            "--auth=trust",
            "--encoding=UTF8",
            $"--locale={(OperatingSystem.IsLinux() ? "C.UTF-8" : "C")}",
            "--no-sync",
        ]);
        File.WriteAllText(Path.Combine(unfinished, "pg_hba.conf"), "host all all 127.0.0.1/32 scram-sha-256\n");
        Directory.Move(unfinished, _data);
    }

    // Single-user mode recovers what a killed server left, and asks for no password: a lost one (user secrets deleted, data kept)
    // mends itself. The lock is ours, so a server that is still there ends with the orchestrator of a run that was killed.
    private async Task MendAsync(
        string user,
        string password,
        IEnumerable<string> databases,
        CancellationToken cancellationToken
    )
    {
        var role = Quoted(user, '"');
        string[] statements =
        [
            $"ALTER ROLE {role} PASSWORD {Quoted(password, '\'')};",
            .. databases.Select(database => $"CREATE DATABASE {Quoted(database, '"')} OWNER {role};"),
        ];
        string[] command =
        [
            .. AsUnprivilegedUser(),
            binaries.Program("postgres"),
            "--single",
            "-D",
            _data,
            "-c",
            "lc_messages=C",
            "-c",
            "log_min_error_statement=panic", // no password in a message
            "postgres",
        ];

        var problem = FirstProblem();
        for (var attempt = 1; attempt < 40 && IsLeftover(problem); attempt++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500), cancellationToken);
            problem = FirstProblem();
        }

        if (problem is not null)
        {
            throw new DistributedApplicationException($"PostgreSQL cannot open its data in {folder}: {problem}");
        }

        string? FirstProblem() =>
            Tool.Run(command, string.Join('\n', statements)).Output.Split('\n').FirstOrDefault(IsProblem);
    }

    private static bool IsProblem(string line) =>
        (
            line.Contains("ERROR:", StringComparison.Ordinal)
            && !line.EndsWith("already exists", StringComparison.Ordinal) // a database
        )
        || line.Contains("FATAL:", StringComparison.Ordinal)
        || line.Contains("PANIC:", StringComparison.Ordinal);

    private static bool IsLeftover(string? problem) =>
        problem is not null
        && (
            problem.Contains("postmaster.pid", StringComparison.Ordinal) // the server
            || problem.Contains("still in use", StringComparison.Ordinal) // the memory of its children
        );

    private static void Run(string[] command)
    {
        var (exitCode, output) = Tool.Run(command);
        if (exitCode != 0)
        {
            throw new DistributedApplicationException($"{string.Join(' ', command)} failed: {output}");
        }
    }

    private static string Quoted(string text, char quote) =>
        $"{quote}{text.Replace($"{quote}", $"{quote}{quote}", StringComparison.Ordinal)}{quote}";

    // PostgreSQL refuses root. setpriv becomes the server in place, so signals reach it.
    private static string[] AsUnprivilegedUser() =>
        UnprivilegedUser is { } user ? ["setpriv", $"--reuid={user}", $"--regid={user}", "--clear-groups", "--"] : [];

    // "postgres" comes with Debian's and Red Hat's packages; "nobody" is everywhere.
    private static string? UnprivilegedUser { get; } =
        OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess
            ? new[] { "postgres", "nobody" }.First(user =>
                File.ReadLines("/etc/passwd").Any(line => line.StartsWith(user + ":", StringComparison.Ordinal))
            )
            : null;
}
