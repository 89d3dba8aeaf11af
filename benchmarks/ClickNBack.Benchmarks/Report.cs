using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace ClickNBack.Benchmarks;

/// <summary>Writes what was measured as Markdown.</summary>
internal static class Report
{
    private const string Begin = "<!-- measured: begin -->";
    private const string End = "<!-- measured: end -->";

    public static string Of(Measurements measured, Options options)
    {
        var text = new StringBuilder();
        Where(text, measured, options);
        Start(text, measured.StartUp);
        Memory(text, measured.Memory);
        Requests(text, measured.Cells);
        Costs(text, measured.Anatomies);
        return text.ToString().TrimEnd() + "\n";
    }

    /// <summary>Puts a report between the markers of a document.</summary>
    public static async Task ReplaceAsync(string document, string report)
    {
        var text = await File.ReadAllTextAsync(document);
        var begin = text.IndexOf(Begin, StringComparison.Ordinal);
        var end = text.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin)
        {
            throw new InvalidOperationException($"{document} has no lines {Begin} and {End}");
        }

        await File.WriteAllTextAsync(document, $"{text[..(begin + Begin.Length)]}\n\n{report}\n{text[end..]}");
    }

    private static void Where(StringBuilder text, Measurements measured, Options options)
    {
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1024.0 * 1024 * 1024);
        Line(text, $"Measured on {today:yyyy-MM-dd} with `make bench ARGS=\"{options}\"`:");
        Line(
            text,
            $"{Environment.ProcessorCount} cores ({RuntimeInformation.ProcessArchitecture}), {memory:0} GB of memory, {RuntimeInformation.RuntimeIdentifier}, .NET {Environment.Version},\n{measured.PostgresVersion} with `fsync=on`, all on the same machine, load generator included."
        );
        Line(text, $"");
    }

    private static void Start(StringBuilder text, StartUp? measured)
    {
        if (measured is not { } start)
        {
            return;
        }

        Line(text, $"### Start");
        Line(text, $"");
        Line(text, $"| AppHost started until everything is ready | seconds | aim |");
        Line(text, $"| --- | ---: | ---: |");
        Line(text, $"| first start: new database, migration, demo seed | {start.First.TotalSeconds:0.0} | |");
        Line(text, $"| second start | {start.Second.TotalSeconds:0.0} | < 5 |");
        Line(text, $"");
    }

    private static void Memory(StringBuilder text, (MemoryUse AfterStart, MemoryUse AfterRequests)? measured)
    {
        if (measured is not var (afterStart, afterRequests))
        {
            return;
        }

        Line(text, $"### Memory of the API");
        Line(text, $"");
        Line(text, $"| MB | resident | private | managed heap | aim |");
        Line(text, $"| --- | ---: | ---: | ---: | ---: |");
        Row("when ready", afterStart);
        Row("after 10,000 requests", afterRequests);
        Line(text, $"");

        void Row(string when, MemoryUse use) =>
            Line(
                text,
                $"| {when} | {Megabytes(use.Resident):0} | {Megabytes(use.Private):0} | {Megabytes(use.Heap):0} | < 150 |"
            );
    }

    private static void Requests(StringBuilder text, IReadOnlyList<Cell> cells)
    {
        if (cells.Count == 0)
        {
            return;
        }

        Line(text, $"### Requests a second and latency");
        foreach (var workload in cells.GroupBy(it => it.Workload))
        {
            var aim = workload.Key.Kind == RequestKind.Ingestion ? 60 : 70;
            Line(text, $"");
            Line(text, $"`{workload.Key.Route}`");
            Line(text, $"");
            Line(
                text,
                $"| connections | API req/s | bare req/s | API of bare | aim | API p50 / p95 / p99 ms | bare p50 / p95 / p99 ms | processor time of the server, µs: API / bare | SQL alone, per s |"
            );
            Line(text, $"| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
            foreach (var cell in workload)
            {
                Line(
                    text,
                    $"| {cell.Connections} | {cell.Api.PerSecond:0} | {cell.Bare.PerSecond:0} | **{100 * cell.Api.PerSecond / cell.Bare.PerSecond:0} %** | ≥ {aim} % | {Latency(cell.Api)} | {Latency(cell.Bare)} | {cell.Api.Processor:0} / {cell.Bare.Processor:0} | {cell.Sql.PerSecond:0} |"
                );
            }
        }

        Line(text, $"");
    }

    private static void Costs(StringBuilder text, IReadOnlyList<Anatomy> anatomies)
    {
        if (anatomies.Count == 0)
        {
            return;
        }

        Line(text, $"### What one request costs");
        Line(text, $"");
        Line(
            text,
            $"| one after the other | SQL round trips: API / bare | kB allocated: API / bare | processor time of the server, µs: API / bare |"
        );
        Line(text, $"| --- | ---: | ---: | ---: |");
        foreach (var it in anatomies)
        {
            Line(
                text,
                $"| {it.Workload.Name} | {it.Api.RoundTrips:0.0} / {it.Bare.RoundTrips:0.0} | {it.Api.Allocated / 1024:0.0} / {it.Bare.Allocated / 1024:0.0} | {it.Api.Processor:0} / {it.Bare.Processor:0} |"
            );
        }

        Line(text, $"");
    }

    private static string Latency(Figures figures) =>
        string.Create(CultureInfo.InvariantCulture, $"{figures.P50:0.0} / {figures.P95:0.0} / {figures.P99:0.0}");

    private static double Megabytes(long bytes) => bytes / (1024.0 * 1024);

    private static void Line(StringBuilder text, FormattableString line) =>
        text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
