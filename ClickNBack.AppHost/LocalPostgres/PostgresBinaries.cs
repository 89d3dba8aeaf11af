using System.Globalization;
using System.Text.RegularExpressions;

namespace ClickNBack.AppHost.LocalPostgres;

/// <summary>The programs of one PostgreSQL server that is installed on this machine.</summary>
/// <param name="Folder">Where they are.</param>
/// <param name="Major">Its major version.</param>
internal sealed partial record PostgresBinaries(string Folder, int Major)
{
    /// <summary>The oldest PostgreSQL that ClickNBack supports.</summary>
    public const int OldestMajor = 15;

    // Where the versions stand side by side, each with a folder `bin`.
    private static readonly (string Parent, string Pattern)[] Installations =
    [
        ("/usr/lib/postgresql", "*"), // Debian, Ubuntu
        ("/usr", "pgsql-*"), // Red Hat, Fedora
        ("/opt/homebrew/opt", "postgresql@*"), // macOS
        ("/usr/local/opt", "postgresql@*"),
        ("/Applications/Postgres.app/Contents/Versions", "*"),
        (Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "PostgreSQL"), "*"),
    ];

    /// <summary>The newest supported PostgreSQL of this machine, or null.</summary>
    /// <param name="major">The one version that will do; null: any.</param>
    public static PostgresBinaries? Find(int? major = null) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Concat(
                from place in Installations
                where Directory.Exists(place.Parent)
                from version in Directory.EnumerateDirectories(place.Parent, place.Pattern)
                select Path.Combine(version, "bin")
            )
            .Where(folder => File.Exists(ProgramIn(folder, "initdb"))) // comes with the server, not with the client
            .Select(folder => new PostgresBinaries(folder, MajorIn(folder)))
            .Where(found => found.Major >= OldestMajor && found.Major == (major ?? found.Major))
            .MaxBy(found => found.Major);

    /// <summary>The path of one of the programs.</summary>
    public string Program(string name) => ProgramIn(Folder, name);

    private static string ProgramIn(string folder, string name) =>
        Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name);

    private static int MajorIn(string folder) =>
        Version().Match(Tool.Run([ProgramIn(folder, "initdb"), "--version"]).Output) is { Success: true } match
            ? int.Parse(match.Groups["major"].ValueSpan, CultureInfo.InvariantCulture)
            : 0;

    [GeneratedRegex(@"\(PostgreSQL\) (?<major>\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Version();
}
