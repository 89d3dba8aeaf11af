using System.Globalization;
using System.Runtime.InteropServices;

namespace ClickNBack.Tests.Infrastructure;

/// <summary>An unprivileged user of this machine.</summary>
internal sealed record UnixUser(string Name, int Uid, int Gid)
{
    /// <summary>What to put before a command so that it runs as this user, in place.</summary>
    public IReadOnlyList<string> Prefix =>
        [
            LocalEnvironment.FindOnPath("setpriv")
                ?? throw new SetupException(
                    "PostgreSQL refuses to run as root, and setpriv (util-linux) is missing: run this as an ordinary user."
                ),
            $"--reuid={Uid}",
            $"--regid={Gid}",
            "--clear-groups",
            "--",
        ];

    /// <summary>Who runs PostgreSQL: null (ourselves), or for root an unprivileged user, since PostgreSQL refuses root.</summary>
    public static UnixUser? ForPostgres()
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess)
        {
            return null;
        }

        var users = File.ReadLines("/etc/passwd")
            .Select(line => line.Split(':'))
            .Where(fields => fields.Length > 3)
            .ToList();
        var user =
            users.Find(fields => fields[0] == "postgres")
            ?? users.Find(fields => fields[0] == "nobody")
            ?? throw new SetupException(
                "PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody."
            );
        return new(
            user[0],
            int.Parse(user[2], CultureInfo.InvariantCulture),
            int.Parse(user[3], CultureInfo.InvariantCulture)
        );
    }

    /// <summary>Hands a file or folder to this user.</summary>
    public void Own(string path)
    {
        if (Chown(path, Uid, Gid) != 0)
        {
            throw new SetupException($"Cannot give {path} to the user {Name} (error {Marshal.GetLastPInvokeError()}).");
        }
    }

    [DllImport("libc", EntryPoint = "chown", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Chown([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int owner, int group);
}

/// <summary>The signals used here; these numbers are the same on Linux and macOS.</summary>
internal enum UnixSignal
{
    /// <summary>PostgreSQL's fast shutdown.</summary>
    Interrupt = 2,

    /// <summary>PostgreSQL's immediate shutdown.</summary>
    Quit = 3,

    Kill = 9,
    Terminate = 15,
}

/// <summary>Sends signals on Unix.</summary>
internal static class UnixSignals
{
    /// <summary>Signals one process; false when there is none.</summary>
    public static bool Send(int process, UnixSignal signal) => process > 1 && Kill(process, (int)signal) == 0;

    /// <summary>Signals a process group; false when there is none.</summary>
    public static bool SendToGroup(int group, UnixSignal signal) => group > 1 && Kill(-group, (int)signal) == 0;

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}
