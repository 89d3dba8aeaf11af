namespace ClickNBack.Benchmarks;

/// <summary>What one program spends on a single request, on average.</summary>
/// <param name="RoundTrips">Between it and PostgreSQL.</param>
/// <param name="Allocated">Bytes on its managed heap.</param>
/// <param name="Processor">Processor time, microseconds.</param>
internal sealed record Spending(double RoundTrips, double Allocated, double Processor);

/// <summary>What requests of one kind cost, counted rather than timed: a noisy machine does not blur it.</summary>
internal sealed record Anatomy(Workload Workload, Spending Api, Spending Bare)
{
    private const int Connections = 16;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Counted = TimeSpan.FromSeconds(4);

    /// <summary>Sends requests to an API and a bare program of its own, by way of a counter.</summary>
    public static async Task<IReadOnlyList<Anatomy>> MeasureAsync(
        BenchmarkEnvironment environment,
        IReadOnlyList<Workload> workloads
    )
    {
        using var counter = new RoundTripCounter(environment.Port);
        var api = await MeasureAsync(await environment.StartApiAsync("counted-api", counter.Port), counter, workloads);
        var bare = await MeasureAsync(
            await environment.StartBareAsync("counted-bare", counter.Port),
            counter,
            workloads
        );
        return [.. workloads.Select((workload, i) => new Anatomy(workload, api[i], bare[i]))];
    }

    private static async Task<List<Spending>> MeasureAsync(
        MeasuredProcess server,
        RoundTripCounter counter,
        IReadOnlyList<Workload> workloads
    )
    {
        await using (server)
        {
            using var load = new Load(server.Address);
            var spent = new List<Spending>();
            foreach (var workload in workloads)
            {
                await load.RunAsync(workload, Connections, WarmUp); // the compiler is done with it
                var before = (counter.Count, server.Allocated(), server.ProcessorTime);
                var requests = await load.RunAsync(workload, Connections, Counted);
                spent.Add(
                    new(
                        (double)(counter.Count - before.Count) / requests,
                        (double)(server.Allocated() - before.Item2) / requests,
                        (server.ProcessorTime - before.ProcessorTime).TotalMicroseconds / requests
                    )
                );
            }

            return spent;
        }
    }
}
