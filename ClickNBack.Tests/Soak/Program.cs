using System.Runtime.InteropServices;

namespace ClickNBack.Tests.Soak;

/// <summary>
/// <c>make soak</c>: random operations against two API processes on one PostgreSQL until Ctrl-C, or for MINUTES, at most
/// RATE a second. Exit code 0 only if everything held.
/// </summary>
internal static class Program
{
    private static async Task<int> Main()
    {
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        if (SoakOptions.Read() is not { } options)
        {
            return 2;
        }

        await using var environment = await SoakEnvironment.OpenAsync();
        if (options.Minutes is { } minutes)
        {
            stop.CancelAfter(TimeSpan.FromMinutes(minutes));
        }

        return await new SoakRun(environment, options).RunAsync(stop.Token) ? 0 : 1;

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true; // everything is ended in order
            stop.Cancel();
        }
    }
}
