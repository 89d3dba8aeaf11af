using System.Globalization;
using System.Text.RegularExpressions;

namespace ClickNBack.Tests.Infrastructure;

/// <summary>The server programs of one installed PostgreSQL.</summary>
internal sealed partial record PostgresBinaries(string Directory, int Major)
{
    /// <summary>The oldest PostgreSQL that ClickNBack supports.</summary>
    public const int OldestMajor = 15;

    public string Postgres => Program("postgres");

    public string InitDb => Program("initdb");

    public string PgCtl => Program("pg_ctl");

    /// <summary>The newest usable PostgreSQL of this machine (or the newest of one major version), or null.</summary>
    public static async Task<PostgresBinaries?> FindAsync(int? major = null)
    {
        var all = await FindAllAsync();
        return all.FirstOrDefault(found => major is null || found.Major == major);
    }

    /// <summary>Every usable PostgreSQL of this machine, the newest first.</summary>
    public static async Task<IReadOnlyList<PostgresBinaries>> FindAllAsync()
    {
        var found = new List<PostgresBinaries>();
        foreach (var directory in await DirectoriesAsync())
        {
            if (await InspectAsync(directory) is { Major: >= OldestMajor } binaries)
            {
                found.Add(binaries);
            }
        }

        return [.. found.OrderByDescending(binaries => binaries.Major)];
    }

    /// <summary>Looks whether a folder holds a PostgreSQL server, and which.</summary>
    public static async Task<PostgresBinaries?> InspectAsync(string directory)
    {
        var candidate = new PostgresBinaries(directory, 0);
        if (!File.Exists(candidate.Postgres) || !File.Exists(candidate.InitDb) || !File.Exists(candidate.PgCtl))
        {
            return null;
        }

        try
        {
            var (_, output) = await LocalProcess.RunAsync(new(candidate.Postgres, "--version"));
            var version = VersionPattern().Match(output);
            return version.Success
                ? candidate with
                {
                    Major = int.Parse(version.Groups["major"].ValueSpan, CultureInfo.InvariantCulture),
                }
                : null;
        }
        catch (SetupException)
        {
            return null; // there, but not for this machine's processor
        }
    }

    private static async Task<IEnumerable<string>> DirectoriesAsync()
    {
        var directories = new List<string>();
        directories.AddRange(
            (Environment.GetEnvironmentVariable("PATH") ?? "").Split(
                Path.PathSeparator,
                StringSplitOptions.RemoveEmptyEntries
            )
        );
        if (LocalEnvironment.FindOnPath("pg_config") is { } configuration)
        {
            var (exitCode, output) = await LocalProcess.RunAsync(new(configuration, "--bindir"));
            directories.AddRange(exitCode == 0 ? [output] : []);
        }

        directories.AddRange(Below("/usr/lib/postgresql", "*")); // Debian, Ubuntu
        directories.AddRange(Below("/usr", "pgsql-*")); // Red Hat, Fedora
        directories.AddRange(Below("/opt/homebrew/opt", "postgresql@*")); // macOS
        directories.AddRange(Below("/usr/local/opt", "postgresql@*"));
        directories.AddRange(Below("/Applications/Postgres.app/Contents/Versions", "*"));
        if (OperatingSystem.IsWindows())
        {
            var programs = Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles);
            directories.AddRange(Below(Path.Combine(programs, "PostgreSQL"), "*"));
        }

        return directories.Distinct(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Below(string parent, string pattern) =>
        System.IO.Directory.Exists(parent)
            ? System.IO.Directory.EnumerateDirectories(parent, pattern).Select(version => Path.Combine(version, "bin"))
            : [];

    private string Program(string name) => Path.Combine(Directory, OperatingSystem.IsWindows() ? name + ".exe" : name);

    [GeneratedRegex(
        @"\(PostgreSQL\) (?<major>\d+)",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex VersionPattern();
}
