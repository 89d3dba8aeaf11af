using System.Security.Cryptography;
using System.Text;

namespace ClickNBack.AppHost.Standalone;

/// <summary>What one clone keeps from run to run. Only one runner at a time holds it.</summary>
internal sealed class StateFolder : IDisposable
{
    private const string LockName = "run.lock";
    private readonly FileStream hold;

    private StateFolder(string path, FileStream hold)
    {
        FullPath = path;
        this.hold = hold;
        Leftovers = new(path);
    }

    public string FullPath { get; }

    /// <summary>Tells what belongs to this folder from what belongs to other clones, in places that they share.</summary>
    public string Id => IdOf(FullPath);

    public Leftovers Leftovers { get; }

    /// <summary>A short name for a folder.</summary>
    public static string IdOf(string folder) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.TrimEndingDirectorySeparator(folder))))[
            ..12
        ];

    /// <exception cref="SetupException">Another run of this clone holds it, or it cannot be written.</exception>
    public static StateFolder Open(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
            if (OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess)
            {
                // The unprivileged user who runs PostgreSQL passes through to its own folder, and sees nothing else.
                File.SetUnixFileMode(
                    path,
                    File.GetUnixFileMode(path) | UnixFileMode.OtherExecute | UnixFileMode.GroupExecute
                );
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new SetupException(
                $"The state folder {path} cannot be used: {problem.Message} Choose another one with --State:Directory=…",
                problem
            );
        }

        try
        {
            return new(
                path,
                new FileStream(
                    Path.Combine(path, LockName),
                    FileMode.OpenOrCreate,
                    FileAccess.ReadWrite,
                    FileShare.None
                )
            );
        }
        catch (IOException problem)
        {
            throw new SetupException(
                "ClickNBack is running from this clone already: end that run first (Ctrl-C in its terminal).",
                problem
            );
        }
    }

    /// <summary>Ends what an earlier run left behind, and gives the names.</summary>
    public async Task<IReadOnlyList<string>> EndLeftoversAsync()
    {
        var ended = new List<string>(await Leftovers.EndAsync());
        foreach (var data in DataFolders())
        {
            var binaries = await PostgresBinaries.FindAsync(PostgresData.MajorOf(data));
            if (binaries is not null && await PostgresData.StopLeftoverAsync(data, binaries))
            {
                ended.Add(Path.GetFileName(data));
            }
        }

        return ended;
    }

    /// <summary>Removes everything.</summary>
    public void Delete()
    {
        foreach (var folder in Directory.EnumerateDirectories(FullPath))
        {
            Directory.Delete(folder, recursive: true);
        }

        foreach (var file in Directory.EnumerateFiles(FullPath).Where(file => Path.GetFileName(file) != LockName))
        {
            File.Delete(file);
        }

        Dispose(); // Windows does not delete a file that is open
        Directory.Delete(FullPath, recursive: true);
    }

    public void Dispose() => hold.Dispose();

    private List<string> DataFolders() =>
        [.. Directory.EnumerateDirectories(FullPath).Where(folder => PostgresData.MajorOf(folder) is not null)];
}
