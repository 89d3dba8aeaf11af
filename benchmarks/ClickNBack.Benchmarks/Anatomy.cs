namespace ClickNBack.Benchmarks;

/// <summary>What one program spends on a single request, on average.</summary>
/// <param name="RoundTrips">Between it and PostgreSQL.</param>
/// <param name="Allocated">Bytes on its managed heap.</param>
/// <param name="Processor">Processor time, microseconds.</param>
internal sealed record Spending(double RoundTrips, double Allocated, double Processor);

/// <summary>What single requests of one kind cost, counted rather than timed: a noisy machine does not blur it.</summary>
internal sealed record Anatomy(Workload Workload, Spending Api, Spending Bare)
{
    private const int Requests = 1000;

    /// <summary>Sends requests one after the other to an API and a bare program of its own, by way of a counter.</summary>
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
                await load.RunAsync(workload, connections: 16, TimeSpan.FromSeconds(5)); // the compiler is done with it
                var before = (counter.Count, server.Allocated(), server.ProcessorTime);
                await load.SendAsync(workload, Requests);
                spent.Add(
                    new(
                        (double)(counter.Count - before.Count) / Requests,
                        (double)(server.Allocated() - before.Item2) / Requests,
                        (server.ProcessorTime - before.ProcessorTime).TotalMicroseconds / Requests
                    )
                );
            }

            return spent;
        }
    }
}
