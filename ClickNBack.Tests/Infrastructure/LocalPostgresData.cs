using System.Diagnostics;
using System.Globalization;

namespace ClickNBack.Tests.Infrastructure;

/// <summary>The data folder of a PostgreSQL server of our own: created, repaired, and freed of a server that was left on it.</summary>
internal sealed class PostgresData(string folder, PostgresBinaries binaries)
{
    private readonly UnixUser? user = UnixUser.ForPostgres();

    /// <summary>The major version that wrote the data in a folder, or null when there are none.</summary>
    public static int? MajorOf(string data)
    {
        var file = Path.Combine(data, "PG_VERSION");
        return File.Exists(file)
            ? int.Parse(File.ReadAllText(file).AsSpan().Trim(), CultureInfo.InvariantCulture)
            : null;
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

    /// <summary>Creates the data or takes over those that are there, with role, password and databases as they should be.</summary>
    public async Task PrepareAsync(PostgresClusterOptions options, CancellationToken cancellationToken)
    {
        if (MajorOf(folder) is { } major && major != binaries.Major)
        {
            throw new SetupException(MissingMessage(folder));
        }

        if (MajorOf(folder) is null)
        {
            await InitializeAsync(options, cancellationToken);
        }
        else
        {
            await StopLeftoverAsync(folder, binaries);
        }

        await RepairAsync(options, cancellationToken);
    }

    // Created beside its place and moved there when complete: an interrupted initdb leaves nothing that looks like data.
    private async Task InitializeAsync(PostgresClusterOptions options, CancellationToken cancellationToken)
    {
        var unfinished = folder + ".unfinished";
        var passwordFile = folder + ".password";
        Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
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
                throw new SetupException($"PostgreSQL cannot create its data in {folder}: {output}");
            }

            Directory.Move(unfinished, folder);
        }
        finally
        {
            File.Delete(passwordFile);
        }
    }

    // In single-user mode no password is needed, so a lost one (user secrets deleted, data kept) mends itself at the next start.
    private async Task RepairAsync(PostgresClusterOptions options, CancellationToken cancellationToken)
    {
        var (exitCode, output) = await RunToolAsync(
            binaries.Postgres,
            PostgresRepair.Script(options.User, options.Password, options.Databases),
            [.. PostgresRepair.Options, "-D", folder, "postgres"],
            cancellationToken
        );
        if (PostgresRepair.ProblemIn(exitCode, output) is { } problem)
        {
            throw new SetupException($"PostgreSQL cannot open its data in {folder}: {problem}");
        }
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
                WorkingDirectory = Path.GetPathRoot(folder),
                Environment = CleanEnvironment(),
            },
            input,
            cancellationToken
        );

    // PGDATA, PGPORT and the like of a developer's shell must not reach a server that is not theirs.
    public static Dictionary<string, string> CleanEnvironment() =>
        LocalEnvironment
            .Variables()
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

    public static string MissingMessage(string data) =>
        MajorOf(data) is { } major
            ? $"The data in {data} were written by PostgreSQL {major}, which is not installed (any more): install it, or drop the data with `make reset`."
            : $"No PostgreSQL {PostgresBinaries.OldestMajor} or newer was found: install it (Debian and Ubuntu: apt-get install postgresql, macOS: brew install postgresql@17).";
}
