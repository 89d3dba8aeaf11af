using System.Diagnostics;
using System.Net;

namespace ClickNBack.Benchmarks;

/// <summary>What one round of load showed.</summary>
/// <param name="Latencies">Of each request, in ticks of the stopwatch.</param>
/// <param name="Elapsed">From the first request to the last answer.</param>
internal sealed record Round(long[] Latencies, TimeSpan Elapsed)
{
    public double PerSecond => Latencies.Length / Elapsed.TotalSeconds;
}

/// <summary>Keeps a number of requests under way, each on a connection of its own that stays open.</summary>
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

    /// <summary>Sends requests for as long as it is told to.</summary>
    public Task<Round> RunAsync(Workload workload, int connections, TimeSpan duration) =>
        LoopAsync(() => SendAsync(workload), connections, duration);

    /// <summary>Sends this many requests, one after the other.</summary>
    public async Task SendAsync(Workload workload, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await SendAsync(workload);
        }
    }

    /// <summary>Repeats an action in so many loops side by side.</summary>
    public static async Task<Round> LoopAsync(Func<Task> action, int loops, TimeSpan duration)
    {
        var start = Stopwatch.GetTimestamp();
        var latencies = await Task.WhenAll(Enumerable.Range(0, loops).Select(_ => Task.Run(LoopAsync)));
        return new(latencies.SelectMany(it => it).ToArray(), Stopwatch.GetElapsedTime(start));

        async Task<List<long>> LoopAsync()
        {
            var taken = new List<long>(capacity: 32_768); // so that recording allocates nothing
            while (Stopwatch.GetElapsedTime(start) < duration)
            {
                var before = Stopwatch.GetTimestamp();
                await action();
                taken.Add(Stopwatch.GetTimestamp() - before);
            }

            return taken;
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
