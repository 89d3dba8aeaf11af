using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.InteropServices;

namespace ClickNBack.Tests.Infrastructure;

/// <summary>A program that runs beside us, and ends when it is disposed.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    /// <summary>The operating system's number of the process.</summary>
    public int Id => _process.Id;

    /// <summary>Completes with the exit code, after the last line of output.</summary>
    public Task<int> Exit { get; private init; } = Task.FromResult(-1);

    /// <summary>Starts a program.</summary>
    /// <param name="command">Its name and its arguments.</param>
    /// <param name="onLine">Receives every line of its output and of its errors.</param>
    /// <param name="environment">All its variables; null: those of this process.</param>
    public static ChildProcess Start(
        IReadOnlyList<string> command,
        Action<string>? onLine = null,
        IReadOnlyDictionary<string, string>? environment = null
    )
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true, // ends with us, even if we are killed
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        if (environment is not null)
        {
            start.Environment.Clear();
            foreach (var (name, value) in environment)
            {
                start.Environment[name] = value;
            }
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Received(line.Data);
        process.ErrorDataReceived += (_, line) => Received(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new ChildProcess(process) { Exit = ExitOfAsync(process) };

        void Received(string? line)
        {
            if (line is not null)
            {
                onLine?.Invoke(line);
            }
        }
    }

    /// <summary>Starts the program of an assembly.</summary>
    public static ChildProcess Start(Assembly program, IEnumerable<string> arguments, Action<string>? onLine = null) =>
        Start(CommandOf(program, arguments), onLine);

    /// <summary>Runs a program to its end; answers its exit code and what it has written.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        IReadOnlyList<string> command,
        IReadOnlyDictionary<string, string>? environment = null
    )
    {
        var output = new ConcurrentQueue<string>();
        await using var process = Start(command, output.Enqueue, environment);
        return (await process.Exit, string.Join('\n', output));
    }

    /// <summary>Runs the program of an assembly to its end; answers its exit code and what it has written.</summary>
    public static Task<(int ExitCode, string Output)> RunAsync(Assembly program, IEnumerable<string> arguments) =>
        RunAsync(CommandOf(program, arguments));

    /// <summary>A port of the loopback interface that nobody listens at.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Does what Ctrl-C does in its terminal.</summary>
    public void Interrupt() => _ = Signal(Id, InterruptSignal);

    /// <summary>Ends it, and nothing that it has started, at this very moment.</summary>
    public void KillAlone() => _process.Kill();

    /// <summary>Ends it and all that it has started at this very moment, whatever they are doing.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await Exit;
    }

    /// <summary>Asks it to end, and ends it if it does not.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!Exit.IsCompleted)
        {
            _ = Signal(Id, TerminateSignal);
            await Task.WhenAny(Exit, Task.Delay(Grace));
            await KillAsync();
        }

        _process.Dispose();
    }

    private static string[] CommandOf(Assembly program, IEnumerable<string> arguments) =>
        [Environment.ProcessPath!, program.Location, .. arguments];

    private static async Task<int> ExitOfAsync(Process process)
    {
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    private const int InterruptSignal = 2;
    private const int TerminateSignal = 15;

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int process, int signal);
}
