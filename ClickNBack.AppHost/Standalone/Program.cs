using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: InternalsVisibleTo("ClickNBack.Tests")]

namespace ClickNBack.AppHost.Standalone;

/// <summary>Runs what aspire-manifest.json describes, as processes of this machine: the AppHost where Aspire cannot be had.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);

        return await StandaloneHost.RunAsync(args, Console.Out, stop.Token);

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true; // stop in order instead of dying
            stop.Cancel();
        }
    }
}
