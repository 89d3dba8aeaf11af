using System.Diagnostics;

namespace ClickNBack.Tests.Deployment.Rehearsal;

/// <summary>How a command ended.</summary>
/// <param name="ExitCode">137 where it was killed.</param>
/// <param name="Output">What it wrote, errors included.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record Ended(int ExitCode, string Output, double Seconds)
{
    /// <summary>Fails unless it ended with that exit code.</summary>
    public Ended Expect(int exitCode)
    {
        Assert.True(ExitCode == exitCode, $"Expected exit code {exitCode}, got {ExitCode}:\n{Output}");
        return this;
    }

    /// <summary>Fails unless it wrote that.</summary>
    public Ended Says(string text)
    {
        Assert.True(
            Output.Contains(text, StringComparison.Ordinal),
            $"Expected it to say \"{text}\", it said:\n{Output}"
        );
        return this;
    }
}

/// <summary>
/// A command that runs. It writes to a file, so that what it started may outlive it, as it does when an operator's is killed.
/// </summary>
internal sealed class Operation
{
    private static int s_count;

    private readonly Process _process;
    private readonly string _log;
    private readonly long _started = Stopwatch.GetTimestamp();

    private Operation(Process process, string log)
    {
        _process = process;
        _log = log;
    }

    private bool HasEnded => _process.HasExited;

    public static Operation Start(
        string logs,
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null
    )
    {
        var log = Path.Combine(logs, $"{Interlocked.Increment(ref s_count):000}-{Path.GetFileName(program)}.log");
        string[] shell = ["-c", """exec "$0" "$@" > "$LOG" 2>&1 < /dev/null""", program, .. arguments];
        var start = new ProcessStartInfo("/bin/bash", shell) { WorkingDirectory = logs };
        start.Environment["LOG"] = log;
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return new Operation(Process.Start(start)!, log);
    }

    /// <summary>Returns when it has ended.</summary>
    public async Task<Ended> EndAsync()
    {
        await _process.WaitForExitAsync();
        var seconds = Stopwatch.GetElapsedTime(_started).TotalSeconds;
        return new Ended(_process.ExitCode, await File.ReadAllTextAsync(_log), seconds);
    }

    /// <summary>Returns when a command is in that step; fails if it ends before.</summary>
    public Task ReachesAsync(Server server, string step) => ReachesAsync(() => server.Step == step, $"its step {step}");

    /// <summary>Returns when it has come so far; fails if it ends before. That may take minutes; nothing hangs for ever.</summary>
    public async Task ReachesAsync(Func<bool> there, string where)
    {
        var limit = _started + (5 * 60 * Stopwatch.Frequency);
        while (!there())
        {
            if (HasEnded)
            {
                Assert.Fail($"It ended before {where}:\n{await File.ReadAllTextAsync(_log)}");
            }

            Assert.True(Stopwatch.GetTimestamp() < limit, $"Waited in vain for {where}.");
            await Task.Delay(TimeSpan.FromMilliseconds(2));
        }
    }

    /// <summary>Returns when it has written that.</summary>
    public Task SaysAsync(string text) =>
        ReachesAsync(() => File.Exists(_log) && File.ReadAllText(_log).Contains(text, StringComparison.Ordinal), text);

    /// <summary>Ends that process and nothing that it started: kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }
}
