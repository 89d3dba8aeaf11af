using ClickNBack.Benchmarks.Limit;

namespace ClickNBack.Benchmarks;

/// <summary>What one program did with one kind of request, over all rounds.</summary>
/// <param name="PerSecond">Requests a second: the median of the rounds; so are the latencies.</param>
/// <param name="P50">Median latency, milliseconds; the others likewise.</param>
/// <param name="P95">95 of 100 are not slower.</param>
/// <param name="P99">99 of 100 are not slower.</param>
/// <param name="Processor">Processor time of the server a request, microseconds.</param>
internal sealed record Figures(double PerSecond, double P50, double P95, double P99, double Processor)
{
    public static Figures Of(IReadOnlyList<Round> rounds, TimeSpan processor) =>
        new(
            Median(rounds.Select(it => it.PerSecond)),
            Median(rounds.Select(it => it.P50)),
            Median(rounds.Select(it => it.P95)),
            Median(rounds.Select(it => it.P99)),
            processor.TotalMicroseconds / rounds.Sum(it => it.Requests)
        );

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[sorted.Length / 2] + sorted[(sorted.Length - 1) / 2]) / 2;
    }
}

/// <summary>The programs side by side at one kind of request.</summary>
/// <param name="Workload">Which one.</param>
/// <param name="People">How many ask in turn.</param>
/// <param name="Connections">How many requests are under way at once.</param>
/// <param name="Api">The API.</param>
/// <param name="Bare">The bare program.</param>
/// <param name="Limit">Purchases a second that PostgreSQL can record; null for reads.</param>
internal sealed record Cell(Workload Workload, int People, int Connections, Figures Api, Figures Bare, double? Limit);

/// <summary>Measures them in turns, round by round: what disturbs the machine meanwhile disturbs all of them.</summary>
internal sealed class Comparison(
    MeasuredProcess api,
    MeasuredProcess bare,
    LimitDatabase limit,
    Wrk wrk,
    Options options
)
{
    // The compiler takes its time until it has found and improved what is hot.
    private const int WarmUpSeconds = 8;
    private const int WarmUpConnections = 16;

    public async Task<IReadOnlyList<Cell>> RunAsync(IReadOnlyList<Workload> workloads)
    {
        foreach (var workload in workloads)
        {
            foreach (var server in new[] { api, bare })
            {
                await wrk.RunAsync(
                    server.Address,
                    workload,
                    BenchmarkEnvironment.MostPeople,
                    WarmUpConnections,
                    WarmUpSeconds
                );
            }
        }

        var cells = new List<Cell>();
        foreach (var workload in workloads)
        {
            var isIngestion = workload.Kind == RequestKind.Ingestion;
            foreach (var people in isIngestion ? options.People : [BenchmarkEnvironment.MostPeople])
            {
                foreach (var connections in options.Connections)
                {
                    cells.Add(await MeasureAsync(workload, people, connections, isIngestion));
                    await Console.Error.WriteLineAsync(
                        $"measured {workload.Name} at {connections} connections, {people} users"
                    );
                }
            }
        }

        return cells;
    }

    private async Task<Cell> MeasureAsync(Workload workload, int people, int connections, bool withLimit)
    {
        MeasuredProcess[] servers = [api, bare];
        var rounds = Array.ConvertAll(servers, _ => new List<Round>());
        var used = new TimeSpan[servers.Length];
        var limits = new List<double>();
        for (var round = 0; round < options.Rounds; round++)
        {
            for (var i = 0; i < servers.Length; i++)
            {
                var before = servers[i].ProcessorTime;
                rounds[i].Add(await wrk.RunAsync(servers[i].Address, workload, people, connections, options.Seconds));
                used[i] += servers[i].ProcessorTime - before;
            }

            if (withLimit)
            {
                limits.Add(await limit.RunAsync(people, connections, options.Seconds));
            }
        }

        return new(
            workload,
            people,
            connections,
            Figures.Of(rounds[0], used[0]),
            Figures.Of(rounds[1], used[1]),
            withLimit ? Figures.Median(limits) : null
        );
    }
}
