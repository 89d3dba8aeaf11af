namespace ClickNBack.Benchmarks;

/// <summary>What a single request of one kind costs, counted rather than timed.</summary>
/// <param name="Workload">Which.</param>
/// <param name="RoundTrips">Round trips between the API and PostgreSQL.</param>
/// <param name="Allocated">Bytes that the API allocates on the managed heap.</param>
/// <param name="BareRoundTrips">Round trips of the bare program.</param>
/// <param name="BareAllocated">Bytes that the bare program allocates.</param>
internal sealed record Anatomy(
    Workload Workload,
    double RoundTrips,
    double Allocated,
    double BareRoundTrips,
    double BareAllocated
)
{
    private const int WarmUp = 500;
    private const int Requests = 500;

    /// <summary>Sends requests one after the other to an API and a bare program of its own, by way of a counter.</summary>
    public static async Task<IReadOnlyList<Anatomy>> MeasureAsync(Arena arena, IReadOnlyList<Workload> workloads)
    {
        using var counter = new RoundTripCounter(arena.Port);
        var counted = new List<(double RoundTrips, double Allocated)>();
        foreach (
            var start in new Func<string, int?, Task<MeasuredProcess>>[] { arena.StartApiAsync, arena.StartBareAsync }
        )
        {
            await using var server = await start($"counted-{counted.Count}", counter.Port);
            using var load = new Load(server.Address);
            foreach (var workload in workloads)
            {
                await load.SendAsync(workload, WarmUp);
                var (roundTrips, allocated) = (counter.Count, server.Allocated());
                await load.SendAsync(workload, Requests);
                counted.Add(
                    (
                        (double)(counter.Count - roundTrips) / Requests,
                        (double)(server.Allocated() - allocated) / Requests
                    )
                );
            }
        }

        return
        [
            .. workloads.Select(
                (workload, i) =>
                    new Anatomy(
                        workload,
                        counted[i].RoundTrips,
                        counted[i].Allocated,
                        counted[i + workloads.Count].RoundTrips,
                        counted[i + workloads.Count].Allocated
                    )
            ),
        ];
    }
}
