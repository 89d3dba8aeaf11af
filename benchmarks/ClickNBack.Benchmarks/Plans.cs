using System.Globalization;
using System.Text;
using System.Text.Json;
using Npgsql;

namespace ClickNBack.Benchmarks;

/// <summary>How PostgreSQL executes one statement that the API sends.</summary>
/// <param name="Sql">Its text.</param>
/// <param name="Milliseconds">The median of its executions, triggers included.</param>
/// <param name="Slowest">The longest of them, milliseconds.</param>
/// <param name="Paths">How it comes to its rows: a table and an index each.</param>
/// <param name="Scanned">The large tables that it, or a function or trigger it runs, reads from end to end.</param>
internal sealed record Plan(
    string Sql,
    double Milliseconds,
    double Slowest,
    IReadOnlyList<string> Paths,
    IReadOnlyList<string> Scanned
);

/// <summary>The statements of one kind of request.</summary>
/// <param name="Request">Whose.</param>
/// <param name="Statements">In the order in which they are sent.</param>
internal sealed record Plans(string Request, IReadOnlyList<Plan> Statements)
{
    private const int Requests = 20;
    private const int LargeRows = 5000;
    private const string Duration = "duration: ";
    private const string Announcement = " ms  plan:";

    /// <summary>The time that the server needs for one request, milliseconds.</summary>
    public double Milliseconds => Statements.Sum(it => it.Milliseconds);

    /// <summary>Sends requests to an API of its own whose sessions explain what they execute, as it is executed.</summary>
    public static async Task<IReadOnlyList<Plans>> MeasureAsync(
        BenchmarkEnvironment environment,
        IReadOnlyList<Workload> workloads
    )
    {
        var page = workloads.Single(it => it.Kind == RequestKind.Purchases);
        var ingestion = workloads.Single(it => it.Kind == RequestKind.Ingestion);
        await environment.LogPlansAsync(on: true);
        await using var api = await environment.StartApiAsync("explained-api");
        using var load = new Load(api.Address);
        var plans = new List<Plans>();
        foreach (var workload in workloads)
        {
            plans.Add(await MeasureAsync(workload));
        }

        plans.Add(
            await MeasureAsync(page with { Name = "the same of who bought most", Request = _ => page.Request(0) })
        );
        await environment.SwitchConfirmationAsync(on: true);
        var confirmed = await MeasureAsync(ingestion);
        await environment.SwitchConfirmationAsync(on: false);
        await environment.LogPlansAsync(on: false);
        var known = plans.SelectMany(it => it.Statements).Select(it => it.Sql).ToHashSet(StringComparer.Ordinal);
        plans.Add(new("confirmation by the job", [.. confirmed.Statements.Where(it => !known.Contains(it.Sql))]));
        return plans;

        Task<Plans> MeasureAsync(Workload workload) =>
            OfAsync(
                environment,
                workload.Name,
                async () =>
                {
                    await load.SendAsync(workload, Requests);
                    await Task.Delay(TimeSpan.FromSeconds(1)); // the job is done with them
                }
            );
    }

    /// <summary>The statements that an action causes in sessions that explain themselves.</summary>
    public static async Task<Plans> OfAsync(BenchmarkEnvironment environment, string name, Func<Task> action)
    {
        await action(); // from the fifth on, statements are prepared, from the tenth, perhaps with a general plan
        var log = await environment.StatementsOfAsync(action);
        return new(name, [.. Read(log, await LargeTablesAsync(environment.Owner))]);
    }

    private sealed record Executed(string Sql, double Milliseconds, List<string> Paths, List<string> Scanned);

    /// <summary>Reads the plans in a log.</summary>
    // Statements within functions and triggers are logged before the one that calls them; its time contains theirs.
    public static IEnumerable<Plan> Read(IReadOnlyList<string> log, HashSet<string> large)
    {
        var executed = new List<Executed>();
        var scannedWithin = new List<string>();
        var lines = new Queue<string>(log);
        while (lines.TryDequeue(out var line))
        {
            if (!line.EndsWith(Announcement, StringComparison.Ordinal))
            {
                continue;
            }

            var json = new StringBuilder();
            while (lines.TryPeek(out var next) && next.StartsWith('\t'))
            {
                json.Append(lines.Dequeue());
            }

            var duration = line[(line.LastIndexOf(Duration, StringComparison.Ordinal) + Duration.Length)..];
            using var document = Parse(json.ToString());
            if (document is null)
            {
                continue;
            }

            var (paths, scanned) = (new List<string>(), new List<string>());
            Walk(document.RootElement.GetProperty("Plan"), paths, scanned, large);
            if (lines.TryPeek(out var context) && context.Contains("CONTEXT:", StringComparison.Ordinal))
            {
                scannedWithin.AddRange(scanned);
                continue;
            }

            executed.Add(
                new(
                    document.RootElement.GetProperty("Query Text").GetString()!,
                    double.Parse(duration[..^Announcement.Length], CultureInfo.InvariantCulture),
                    paths,
                    [.. scanned, .. scannedWithin]
                )
            );
            scannedWithin.Clear();
        }

        return executed
            .GroupBy(it => it.Sql, StringComparer.Ordinal)
            .Select(it => new Plan(
                it.Key,
                Figures.Median(it.Select(one => one.Milliseconds)),
                it.Max(one => one.Milliseconds),
                [.. it.SelectMany(one => one.Paths).Distinct(StringComparer.Ordinal)],
                [.. it.SelectMany(one => one.Scanned).Distinct(StringComparer.Ordinal)]
            ));
    }

    // PostgreSQL's processes write long messages in pieces: another's may have got into this one.
    private static JsonDocument? Parse(string plan)
    {
        try
        {
            return JsonDocument.Parse(plan);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Walk(JsonElement node, List<string> paths, List<string> scanned, HashSet<string> large)
    {
        var table = Text("Relation Name");
        if (Text("Node Type") == "Seq Scan" && Number("Actual Loops") > 0)
        {
            paths.Add($"{table}: from end to end");
            if (large.Contains(table!))
            {
                scanned.Add(table!);
            }
        }
        else if (Text("Index Name") is { } index)
        {
            paths.Add($"`{index}`");
        }

        if (node.TryGetProperty("Plans", out var children))
        {
            foreach (var child in children.EnumerateArray())
            {
                Walk(child, paths, scanned, large);
            }
        }

        string? Text(string name) => node.TryGetProperty(name, out var value) ? value.GetString() : null;

        double Number(string name) => node.TryGetProperty(name, out var value) ? value.GetDouble() : 0;
    }

    /// <summary>The tables that nothing should read from end to end.</summary>
    public static async Task<HashSet<string>> LargeTablesAsync(NpgsqlDataSource owner)
    {
        await using var command = owner.CreateCommand(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > $1"
        );
        command.Parameters.Add(new() { Value = LargeRows });
        await using var row = await command.ExecuteReaderAsync();
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (await row.ReadAsync())
        {
            names.Add(row.GetString(0));
        }

        return names;
    }
}
