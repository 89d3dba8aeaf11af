using System.Net;
using System.Net.Sockets;

namespace ClickNBack.Benchmarks;

/// <summary>
/// Stands between a program and PostgreSQL and counts how often the program speaks after the server has: each such turn is a
/// round trip, however many statements it carries.
/// </summary>
internal sealed class RoundTripCounter : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _server;
    private long _count;

    public RoundTripCounter(int server)
    {
        _server = server;
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>Where to connect instead.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public long Count => Interlocked.Read(ref _count);

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception problem) when (problem is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(TcpClient program)
    {
        using var server = new TcpClient { NoDelay = true };
        using (program)
        {
            program.NoDelay = true;
            await server.ConnectAsync(IPAddress.Loopback, _server);
            var serverSpoke = true;
            await Task.WhenAny(
                CopyAsync(
                    program,
                    server,
                    () =>
                    {
                        if (Interlocked.Exchange(ref serverSpoke, false))
                        {
                            Interlocked.Increment(ref _count);
                        }
                    }
                ),
                CopyAsync(server, program, () => Interlocked.Exchange(ref serverSpoke, true))
            );
        }
    }

    private static async Task CopyAsync(TcpClient from, TcpClient to, Action spoke)
    {
        try
        {
            var buffer = new byte[65_536];
            while (await from.GetStream().ReadAsync(buffer) is > 0 and var length)
            {
                spoke();
                await to.GetStream().WriteAsync(buffer.AsMemory(0, length));
            }
        }
        catch (Exception problem) when (problem is IOException or ObjectDisposedException)
        {
            // One of the two has hung up.
        }
    }
}
