using System.Net.Sockets;

/// <summary>
/// Runs inside the measured process, before its Main (DOTNET_STARTUP_HOOKS): answers each connection to a socket with what the
/// runtime knows of its memory, so that nothing of the load generator is counted. The name and the missing namespace are
/// the runtime's rule.
/// </summary>
#pragma warning disable CA1050, S3903, MA0047
internal static class StartupHook
#pragma warning restore CA1050, S3903, MA0047
{
    /// <summary>The environment variable with the socket's path.</summary>
    public const string SocketVariable = "CLICKNBACK_BENCHMARK_SOCKET";

    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(SocketVariable) is { } path)
        {
            var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen();
            new Thread(() => Answer(listener)) { IsBackground = true, Name = "benchmark" }.Start();
        }
    }

    private static void Answer(Socket listener)
    {
        while (listener.IsBound)
        {
            using var caller = listener.Accept();
            var allocated = GC.GetTotalAllocatedBytes(precise: true);
            var heap = GC.GetTotalMemory(forceFullCollection: false);
            caller.Send([.. BitConverter.GetBytes(allocated), .. BitConverter.GetBytes(heap)]);
        }
    }
}
