using ClickNBack.Benchmarks.Limit;

namespace ClickNBack.Benchmarks;

/// <summary>Everything that was measured in one run.</summary>
internal sealed record Measurements(
    StartUp? StartUp,
    IReadOnlyList<(string When, MemoryUse Use)> Memory,
    IReadOnlyList<Plans> Plans,
    IReadOnlyList<Anatomy> Anatomies,
    IReadOnlyList<Backlog> Backlogs,
    IReadOnlyList<Cell> Cells,
    IReadOnlyList<PageCost> Pages,
    Loaded Loaded
);

/// <summary>What was measured on.</summary>
internal sealed record Loaded(TimeSpan LoadedIn, long Violations, string PostgresVersion)
{
    /// <summary>As it is now.</summary>
    public static Loaded Of(BenchmarkEnvironment environment) =>
        new(environment.LoadedIn, environment.Violations, environment.PostgresVersion);
}

/// <summary>One run.</summary>
internal static class Benchmark
{
    private const int MemoryRequests = 10_000;
    private const int MemoryConnections = 16;

    public static async Task<string> RunAsync(Options options)
    {
        var startUp = Wants("start") ? await StartUp.MeasureAsync() : null;
        await using var environment = await BenchmarkEnvironment.CreateAsync(options.Users, options.Purchases);
        var workloads = Workload.All(environment);
        await RequireSameAnswersAsync(environment, workloads);
        var plans = Wants("plans") ? await Plans.MeasureAsync(environment, workloads) : [];
        var anatomies = Wants("costs") ? await Anatomy.MeasureAsync(environment, workloads) : [];

        await using var api = await environment.StartApiAsync();
        var memory = new List<(string, MemoryUse)>();
        if (Wants("memory"))
        {
            await Task.Delay(TimeSpan.FromSeconds(2)); // what starts in the background has started
            memory.Add(("when ready", api.Memory()));
            await SendMixAsync(api, workloads);
            memory.Add(("after 10,000 requests", api.Memory()));
        }

        var ingestion = workloads.Single(it => it.Kind == RequestKind.Ingestion);
        var backlogs = Wants("job") ? await Backlog.MeasureAsync(environment, api, ingestion) : [];
        await using var bare = await environment.StartBareAsync();
        var cells = Wants("requests") ? await CompareAsync() : [];
        if (Wants("memory"))
        {
            memory.Add(("at the end of this run", api.Memory()));
        }

        var pages = Wants("console") ? await ConsolePages.MeasureAsync(environment) : []; // the last: it fills the database further
        return Report.Of(
            new Measurements(startUp, memory, plans, anatomies, backlogs, cells, pages, Loaded.Of(environment)),
            options
        );

        async Task<IReadOnlyList<Cell>> CompareAsync()
        {
            var limit = await LimitDatabase.CreateAsync(environment);
            var wrk = await Wrk.CreateAsync(environment);
            return await new Comparison(api, bare, limit, wrk, options).RunAsync(workloads);
        }

        bool Wants(string part) => options.Parts.Contains(part, StringComparer.Ordinal);
    }

    // A yardstick that answers something else would be none.
    private static async Task RequireSameAnswersAsync(
        BenchmarkEnvironment environment,
        IReadOnlyList<Workload> workloads
    )
    {
        await using var api = await environment.StartApiAsync("compared-api");
        await using var bare = await environment.StartBareAsync("compared-bare");
        foreach (var workload in workloads)
        {
            var expected = await AnswerAsync(api, workload);
            var given = await AnswerAsync(bare, workload);
            // Of purchases, identifiers differ.
            if (expected != given && (workload.Kind != RequestKind.Ingestion || expected.Length != given.Length))
            {
                throw new InvalidOperationException(
                    $"{workload.Name}: the API answers\n{expected}\nbut the bare program\n{given}"
                );
            }
        }
    }

    private static async Task<string> AnswerAsync(MeasuredProcess server, Workload workload)
    {
        using var client = new HttpClient { BaseAddress = server.Address };
        using var request = workload.Request(0);
        using var answer = await client.SendAsync(request);
        return $"{(int)answer.StatusCode} {answer.Content.Headers.ContentType} {await answer.Content.ReadAsStringAsync()}";
    }

    private static async Task SendMixAsync(MeasuredProcess server, IReadOnlyList<Workload> workloads)
    {
        using var load = new Load(server.Address);
        await Task.WhenAll(
            Enumerable
                .Range(0, MemoryConnections)
                .Select(async _ =>
                {
                    for (var i = 0; i < MemoryRequests / MemoryConnections; i++)
                    {
                        await load.SendAsync(workloads[i % workloads.Count], 1);
                    }
                })
        );
    }
}
