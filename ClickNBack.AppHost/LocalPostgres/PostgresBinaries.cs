using System.Globalization;
using System.Text.RegularExpressions;

namespace ClickNBack.AppHost.LocalPostgres;

/// <summary>The server programs of one PostgreSQL that is installed on this machine.</summary>
/// <param name="Folder">Where <c>initdb</c> and <c>postgres</c> are.</param>
/// <param name="Major">Its major version.</param>
internal sealed partial record PostgresBinaries(string Folder, int Major)
{
    /// <summary>The oldest PostgreSQL that ClickNBack supports.</summary>
    public const int OldestMajor = 15;

    /// <summary>The newest supported PostgreSQL of this machine, or null.</summary>
    /// <param name="major">The one version that will do; null: any.</param>
    public static PostgresBinaries? Find(int? major = null) =>
        Folders()
            .Distinct(StringComparer.Ordinal)
            .Select(Inspect)
            .OfType<PostgresBinaries>()
            .Where(found => found.Major >= OldestMajor && found.Major == (major ?? found.Major))
            .MaxBy(found => found.Major);

    /// <summary>The path of one of the programs.</summary>
    public string Program(string name) => Path.Combine(Folder, OperatingSystem.IsWindows() ? name + ".exe" : name);

    private static IEnumerable<string> Folders() =>
        [
            .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(
                Path.PathSeparator,
                StringSplitOptions.RemoveEmptyEntries
            ),
            .. Below("/usr/lib/postgresql", "*"), // Debian, Ubuntu
            .. Below("/usr", "pgsql-*"), // Red Hat, Fedora
            .. Below("/opt/homebrew/opt", "postgresql@*"), // macOS
            .. Below("/usr/local/opt", "postgresql@*"),
            .. Below("/Applications/Postgres.app/Contents/Versions", "*"),
            .. Below(
                Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "PostgreSQL"),
                "*"
            ),
        ];

    private static IEnumerable<string> Below(string parent, string pattern) =>
        Directory.Exists(parent)
            ? Directory.EnumerateDirectories(parent, pattern).Select(version => Path.Combine(version, "bin"))
            : [];

    private static PostgresBinaries? Inspect(string folder)
    {
        var candidate = new PostgresBinaries(folder, 0);
        if (!File.Exists(candidate.Program("postgres")) || !File.Exists(candidate.Program("initdb")))
        {
            return null;
        }

        try
        {
            var (_, output) = Tool.Run([candidate.Program("postgres"), "--version"]);
            return Version().Match(output) is { Success: true } match
                ? candidate with
                {
                    Major = int.Parse(match.Groups["major"].ValueSpan, CultureInfo.InvariantCulture),
                }
                : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null; // there, but not for this machine's processor
        }
    }

    [GeneratedRegex(@"\(PostgreSQL\) (?<major>\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Version();
}
