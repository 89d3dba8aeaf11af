using ClickNBack.Benchmarks.Bare;

namespace ClickNBack.Benchmarks;

/// <summary>What one program did with one kind of request at one number of connections, over all rounds.</summary>
/// <param name="PerSecond">Requests a second: the median of the rounds.</param>
/// <param name="P50">Median latency, milliseconds; the others likewise.</param>
/// <param name="P95">95 of 100 are not slower.</param>
/// <param name="P99">99 of 100 are not slower.</param>
/// <param name="Processor">Processor time of the server a request, microseconds.</param>
internal sealed record Figures(double PerSecond, double P50, double P95, double P99, double Processor)
{
    public static Figures Of(IReadOnlyList<Round> rounds, TimeSpan processor)
    {
        var latencies = rounds.SelectMany(it => it.Latencies).ToArray();
        Array.Sort(latencies);
        return new(
            Median([.. rounds.Select(it => it.PerSecond)]),
            At(0.50),
            At(0.95),
            At(0.99),
            processor.TotalMicroseconds / latencies.Length
        );

        double At(double share) =>
            TimeSpan
                .FromSeconds(
                    (double)latencies[(int)(share * (latencies.Length - 1))] / System.Diagnostics.Stopwatch.Frequency
                )
                .TotalMilliseconds;
    }

    public static double Median(double[] values)
    {
        Array.Sort(values);
        return (values[values.Length / 2] + values[(values.Length - 1) / 2]) / 2;
    }
}

/// <summary>The API, the bare program and the SQL alone, at one kind of request and one number of connections.</summary>
internal sealed record Cell(Workload Workload, int Connections, Figures Api, Figures Bare, Figures Sql);

/// <summary>Measures the three in turns, round by round: what disturbs the machine meanwhile disturbs all of them.</summary>
internal sealed class Comparison(MeasuredProcess api, MeasuredProcess bare, BareLoops sql, Options options)
{
    // The compiler takes its time until it has found and improved what is hot.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(0.2);

    private sealed class Contestant(Func<Workload, int, TimeSpan, Task<Round>> run, Func<TimeSpan> processor)
    {
        private readonly List<Round> _rounds = [];
        private TimeSpan _used;

        public async Task WarmUpAsync(Workload workload, int connections) => await run(workload, connections, WarmUp);

        public async Task MeasureAsync(Workload workload, int connections, TimeSpan duration)
        {
            await run(workload, connections, Settle);
            var before = processor();
            _rounds.Add(await run(workload, connections, duration));
            _used += processor() - before;
        }

        public Figures Result()
        {
            var figures = Figures.Of(_rounds, _used);
            _rounds.Clear();
            _used = default;
            return figures;
        }
    }

    public async Task<IReadOnlyList<Cell>> RunAsync(IReadOnlyList<Workload> workloads)
    {
        using var apiLoad = new Load(api.Address);
        using var bareLoad = new Load(bare.Address);
        Contestant[] contestants =
        [
            new(apiLoad.RunAsync, () => api.ProcessorTime),
            new(bareLoad.RunAsync, () => bare.ProcessorTime),
            new(sql.RunAsync, () => TimeSpan.Zero),
        ];

        var cells = new List<Cell>();
        foreach (var workload in workloads)
        {
            foreach (var contestant in contestants)
            {
                await contestant.WarmUpAsync(workload, 16);
            }
        }

        foreach (var workload in workloads)
        {
            foreach (var connections in options.Connections)
            {
                for (var round = 0; round < options.Rounds; round++)
                {
                    foreach (var contestant in contestants)
                    {
                        await contestant.MeasureAsync(workload, connections, options.Round);
                    }
                }

                cells.Add(
                    new(
                        workload,
                        connections,
                        contestants[0].Result(),
                        contestants[1].Result(),
                        contestants[2].Result()
                    )
                );
                await Console.Error.WriteLineAsync($"measured {workload.Name} at {connections}");
            }
        }

        return cells;
    }
}
