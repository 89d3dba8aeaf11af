using System.Diagnostics;
using System.Net;

namespace ClickNBack.Benchmarks;

/// <summary>Sends requests that are counted and not timed, each on a connection of its own that stays open.</summary>
internal sealed class Load : IDisposable
{
    private readonly HttpMessageInvoker _client = new(
        new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
        }
    );
    private readonly Uri _server;
    private int _number;

    public Load(Uri server) => _server = server;

    /// <summary>Sends requests over so many connections for as long as it is told to; answers how many.</summary>
    public async Task<int> RunAsync(Workload workload, int connections, TimeSpan duration)
    {
        var start = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(LoopAsync)));
        return counts.Sum();

        async Task<int> LoopAsync()
        {
            var count = 0;
            while (Stopwatch.GetElapsedTime(start) < duration)
            {
                await SendAsync(workload);
                count++;
            }

            return count;
        }
    }

    /// <summary>Sends this many requests, one after the other.</summary>
    public async Task SendAsync(Workload workload, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await SendAsync(workload);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task SendAsync(Workload workload)
    {
        using var request = workload.Request(Interlocked.Increment(ref _number));
        request.RequestUri = new Uri(_server, request.RequestUri!);
        using var answer = await _client.SendAsync(request, CancellationToken.None);
        if (answer.StatusCode != workload.Expected)
        {
            throw new InvalidOperationException(
                $"{workload.Route} answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}"
            );
        }

        await answer.Content.CopyToAsync(Stream.Null);
    }
}
