using System.Collections.Concurrent;
using System.Diagnostics;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Benchmarks;

/// <summary>How long it takes from starting the AppHost on a built tree until everything is ready.</summary>
/// <param name="First">Without any data: PostgreSQL's files are made, the schema is migrated and the demo seeded.</param>
/// <param name="Second">With the data of the first start.</param>
internal sealed record StartUp(TimeSpan First, TimeSpan Second)
{
    /// <summary>Starts it twice.</summary>
    public static async Task<StartUp> MeasureAsync()
    {
        var state = Directory.CreateTempSubdirectory("clicknback-benchmark-").FullName;
        if (Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows())
        {
            // PostgreSQL is run by another user, who must get through to its folder.
            File.SetUnixFileMode(state, File.GetUnixFileMode(state) | UnixFileMode.OtherExecute);
        }

        try
        {
            return new(await StartAsync(state), await StartAsync(state));
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }
    }

    private static async Task<TimeSpan> StartAsync(string state)
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var output = new ConcurrentQueue<string>();
        var start = Stopwatch.GetTimestamp();
        var host = ChildProcess.Start(
            [
                "dotnet",
                "run",
                "--no-build",
                "--configuration",
                BuiltPrograms.Configuration,
                "--project",
                "ClickNBack.AppHost",
                "--",
                "--Postgres:From=binaries",
                $"--Postgres:Folder={Path.Combine(state, "postgres")}",
            ],
            line =>
            {
                output.Enqueue(line);
                if (line.Contains("ClickNBack is ready", StringComparison.Ordinal))
                {
                    ready.TrySetResult();
                }
            },
            BuiltPrograms.Environment()
        );
        await Task.WhenAny(ready.Task, host.Exit, Task.Delay(TimeSpan.FromMinutes(2)));
        var taken = Stopwatch.GetElapsedTime(start);
        await host.DisposeAsync();
        return ready.Task.IsCompleted
            ? taken
            : throw new InvalidOperationException($"The AppHost does not become ready:\n{string.Join('\n', output)}");
    }
}
