using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace ClickNBack.Tests.Infrastructure;

/// <summary>A child in a session of its own: a Ctrl-C in the terminal reaches us alone, and it dies with all its descendants.</summary>
internal sealed class LocalProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly bool ownSession;
    private readonly TaskCompletionSource exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private LocalProcess(Process process, bool ownSession)
    {
        this.process = process;
        this.ownSession = ownSession;
    }

    /// <summary>The operating system's number of the process.</summary>
    public int Id { get; private set; }

    /// <summary>Tells this process from a later one with the same number; null when it has ended at once.</summary>
    public string? Identity { get; private set; }

    /// <summary>Completes with the exit code, after the last line of output.</summary>
    public Task<int> Exit { get; private set; } = Task.FromResult(-1);

    /// <summary>Starts a process with no input.</summary>
    /// <exception cref="SetupException">The program does not exist or cannot be started.</exception>
    public static LocalProcess Start(LocalProcessOptions options) => Start(options, input: null);

    /// <summary>Runs a short-lived tool to its end and gives its exit code and output.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        LocalProcessOptions options,
        string? input = null,
        CancellationToken cancellationToken = default
    )
    {
        var output = new StringBuilder();
        await using var tool = Start(
            options with
            {
                OnLine = line =>
                {
                    lock (output)
                    {
                        output.AppendLine(line);
                    }

                    options.OnLine(line);
                },
            },
            input
        );
        var exitCode = await tool.Exit.WaitAsync(cancellationToken);
        return (exitCode, output.ToString().TrimEnd());
    }

    /// <summary>Asks the process to end, and ends it with all its descendants when it has not within the grace period.</summary>
    public async Task StopAsync(UnixSignal signal, TimeSpan grace)
    {
        if (!Exit.IsCompleted && !OperatingSystem.IsWindows())
        {
            _ = UnixSignals.Send(Id, signal);
            await Task.WhenAny(Exit, Task.Delay(grace));
        }

        KillTree();
        await Exit;
    }

    public async ValueTask DisposeAsync()
    {
        if (!Exit.IsCompleted)
        {
            KillTree();
            await Exit;
        }

        process.Dispose();
    }

    /// <summary>What tells a process from another that gets the same number later: its start time. Null: no such process.</summary>
    public static string? IdentityOf(int id)
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                // Clock ticks since boot do not move with the wall clock. The name in parentheses may hold spaces.
                var stat = File.ReadAllText($"/proc/{id}/stat");
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                var state = fields[0];
                return state is "Z" or "X"
                    ? null
                    : $"{File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()}/{fields[19]}";
            }

            using var other = Process.GetProcessById(id);
            return other.StartTime.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture);
        }
        catch (Exception problem)
            when (problem
                    is ArgumentException
                        or InvalidOperationException
                        or IOException
                        or UnauthorizedAccessException
                        or System.ComponentModel.Win32Exception
            )
        {
            return null;
        }
    }

    private static LocalProcess Start(LocalProcessOptions options, string? input)
    {
        List<string> command =
        [
            .. SessionPrefix,
            .. options.RunAs?.Prefix ?? [],
            options.FileName,
            .. options.Arguments,
        ];
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            UseShellExecute = false,
            CreateNoWindow = true,
            WorkingDirectory = options.WorkingDirectory ?? "",
        };
        if (options.Environment is { } environment)
        {
            start.Environment.Clear();
            foreach (var (name, value) in environment)
            {
                start.Environment[name] = value;
            }
        }

        var child = new LocalProcess(
            new Process { StartInfo = start, EnableRaisingEvents = true },
            SessionPrefix.Count > 0
        );
        child.process.Exited += (_, _) => child.exited.TrySetResult();
        try
        {
            child.process.Start();
        }
        catch (System.ComponentModel.Win32Exception problem)
        {
            child.process.Dispose();
            throw new SetupException($"Cannot start {options.FileName}: {problem.Message}", problem);
        }

        child.Id = child.process.Id;
        child.Identity = IdentityOf(child.Id);
        child.Exit = child.WatchAsync(options.OnLine, input);
        return child;
    }

    private async Task<int> WatchAsync(Action<string> onLine, string? input)
    {
        var streams = Task.WhenAll(
            PumpAsync(process.StandardOutput, onLine),
            PumpAsync(process.StandardError, onLine),
            FeedAsync(process.StandardInput, input)
        );
        await exited.Task;
        try
        {
            // A descendant that outlives it may hold the pipes open: do not wait for that one.
            await streams.WaitAsync(TimeSpan.FromSeconds(1));
        }
        catch (TimeoutException)
        {
            onLine("(a process it started is still running)");
        }

        return process.ExitCode;
    }

    private static async Task PumpAsync(StreamReader reader, Action<string> onLine)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            onLine(line);
        }
    }

    private static async Task FeedAsync(StreamWriter writer, string? input)
    {
        try
        {
            await writer.WriteAsync(input);
            writer.Close();
        }
        catch (IOException)
        {
            // It ended without reading its input; the exit code says why.
        }
    }

    private void KillTree()
    {
        if (ownSession)
        {
            _ = UnixSignals.SendToGroup(Id, UnixSignal.Kill);
        }

        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception problem)
            when (problem is InvalidOperationException or System.ComponentModel.Win32Exception or AggregateException)
        {
            // Already gone.
        }
    }

    // Both become the program in place, so the process keeps its number. macOS has no setsid, but perl.
    private static readonly IReadOnlyList<string> SessionPrefix =
        OperatingSystem.IsWindows() ? []
        : LocalEnvironment.FindOnPath("setsid") is { } setsid ? [setsid]
        : LocalEnvironment.FindOnPath("perl") is { } perl
            ? [perl, "-e", "use POSIX 'setsid'; setsid(); exec { $ARGV[0] } @ARGV", "--"]
        : [];
}
