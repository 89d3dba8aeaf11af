using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace ClickNBack.Benchmarks;

/// <summary>Writes what was measured as Markdown.</summary>
internal static class Report
{
    public static string Of(Measurements measured, Options options)
    {
        var text = new StringBuilder();
        Where(text, measured.Loaded, options);
        Start(text, measured.StartUp);
        Memory(text, measured.Memory);
        Requests(text, measured.Cells);
        Costs(text, measured.Anatomies);
        Queries(text, measured.Plans);
        Job(text, measured.Backlogs);
        Console(text, measured.Pages);
        Summary.Write(text, measured);
        return text.ToString().TrimEnd() + "\n";
    }

    /// <summary>The same of the matching of reports.</summary>
    public static string Of(Matching measured, Options options)
    {
        var text = new StringBuilder();
        Where(text, measured.Environment, options);
        MatchingReport.Write(text, measured);
        Queries(text, measured.Plans);
        return text.ToString().TrimEnd() + "\n";
    }

    /// <summary>Puts a report between the markers of a document.</summary>
    public static async Task ReplaceAsync(string document, string section, string report)
    {
        var (first, last) = ($"<!-- {section}: begin -->", $"<!-- {section}: end -->");
        var text = await File.ReadAllTextAsync(document);
        var begin = text.IndexOf(first, StringComparison.Ordinal);
        var end = text.IndexOf(last, StringComparison.Ordinal);
        if (begin < 0 || end < begin)
        {
            throw new InvalidOperationException($"{document} has no lines {first} and {last}");
        }

        await File.WriteAllTextAsync(document, $"{text[..(begin + first.Length)]}\n\n{report}\n{text[end..]}");
    }

    private static void Where(StringBuilder text, Loaded measured, Options options)
    {
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1024.0 * 1024 * 1024);
        Line(text, $"Measured on {today:yyyy-MM-dd} with\n`make bench ARGS=\"{options}\"`:");
        Line(
            text,
            $"{options.Users} users and {options.Purchases} purchases, loaded in {measured.LoadedIn.TotalSeconds:0} s; violations of the money invariants, then and at the end: {measured.Violations}."
        );
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
        Line(text, $"| first start: new database, migration, demo seed | {start.First.TotalSeconds:0.0} | < 12 |");
        Line(text, $"| second start | {start.Second.TotalSeconds:0.0} | < 8 |");
        Line(text, $"");
    }

    private static void Memory(StringBuilder text, IReadOnlyList<(string When, MemoryUse Use)> measured)
    {
        if (measured.Count == 0)
        {
            return;
        }

        Line(text, $"### Memory of the API");
        Line(text, $"");
        Line(text, $"| MB | resident | proportional | of it managed heap | most proportional so far |");
        Line(text, $"| --- | ---: | ---: | ---: | ---: |");
        foreach (var (when, use) in measured)
        {
            Line(
                text,
                $"| {when} | {Megabytes(use.Resident):0} | {Megabytes(use.Proportional):0} | {Megabytes(use.Heap):0} | {Megabytes(use.Peak):0} |"
            );
        }

        Line(text, $"");
    }

    private static void Requests(StringBuilder text, IReadOnlyList<Cell> cells)
    {
        if (cells.Count == 0)
        {
            return;
        }

        Line(text, $"### Requests a second and latency");
        Line(text, $"");
        Line(
            text,
            $"| request | users | connections | API, a second | bare, a second | limit, a second | API of bare | API of limit | API p50 / p95 / p99 ms | bare p50 / p95 / p99 ms | processor time of the server, µs: API / bare |"
        );
        Line(text, $"| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var it in cells)
        {
            var limit = it.Limit is { } most
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"{most:0} | {Share(it.Api.PerSecond, it.Bare.PerSecond)} | {Share(it.Api.PerSecond, most)}"
                )
                : $" | {Share(it.Api.PerSecond, it.Bare.PerSecond)} | ";
            Line(
                text,
                $"| `{it.Workload.Route}` | {it.People} | {it.Connections} | **{it.Api.PerSecond:0}** | {it.Bare.PerSecond:0} | {limit} | {Latency(it.Api)} | {Latency(it.Bare)} | {it.Api.Processor:0} / {it.Bare.Processor:0} |"
            );
        }

        Line(text, $"");
    }

    internal static string Share(double of, double whole) =>
        string.Create(CultureInfo.InvariantCulture, $"{100 * of / whole:0} %");

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
            $"| at 16 connections, the job's part included | SQL round trips: API / bare | kB allocated: API / bare | processor time of the server, µs: API / bare |"
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

    private static void Queries(StringBuilder text, IReadOnlyList<Plans> plans)
    {
        if (plans.Count == 0)
        {
            return;
        }

        Line(text, $"### Plans of the statements");
        Line(text, $"");
        Line(text, $"| of | statement | how it finds its rows | ms in PostgreSQL: median / longest |");
        Line(text, $"| --- | --- | --- | ---: |");
        foreach (var (request, statement) in plans.SelectMany(of => of.Statements.Select(it => (of.Request, it))))
        {
            var paths = string.Join(", ", statement.Paths.DefaultIfEmpty("none needed"));
            var scanned = string.Concat(statement.Scanned.Select(it => $" **sequential scan of {it}**"));
            Line(
                text,
                $"| {request} | `{Beginning(statement.Sql)}` | {paths}{scanned} | {statement.Milliseconds:0.00} / {statement.Slowest:0.00} |"
            );
        }

        Line(text, $"");
    }

    private static string Beginning(string sql)
    {
        var words = string.Join(' ', sql.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .Replace("|", "\\|", StringComparison.Ordinal);
        return words.Length <= 70 ? words : $"{words[..69]}…";
    }

    private static void Job(StringBuilder text, IReadOnlyList<Backlog> backlogs)
    {
        if (backlogs.Count == 0)
        {
            return;
        }

        Line(text, $"### The verification job");
        Line(text, $"");
        Line(text, $"| processes | purchases due at once | seconds until none is pending | a second | aim |");
        Line(text, $"| ---: | ---: | ---: | ---: | ---: |");
        foreach (var it in backlogs)
        {
            Line(
                text,
                $"| {it.Processes} | {it.Purchases} | {it.Taken.TotalSeconds:0.0} | {it.PerSecond:0} | ≥ 5000 |"
            );
        }

        Line(text, $"");
    }

    private static void Console(StringBuilder text, IReadOnlyList<PageCost> pages)
    {
        if (pages.Count == 0)
        {
            return;
        }

        Line(text, $"### Pages of the console");
        Line(text, $"");
        Line(text, $"| page | ms: first / middle / last | of it in PostgreSQL, at most | read from end to end |");
        Line(text, $"| --- | ---: | ---: | --- |");
        foreach (var it in pages)
        {
            var times = string.Join(
                " / ",
                it.Milliseconds.Select(one => one.ToString("0.0", CultureInfo.InvariantCulture))
            );
            Line(text, $"| {it.Page} | {times} | {it.Longest:0.0} | {string.Join(", ", it.Scanned)} |");
        }

        Line(text, $"");
    }

    internal static string Latency(Figures figures) =>
        string.Create(CultureInfo.InvariantCulture, $"{figures.P50:0.0} / {figures.P95:0.0} / {figures.P99:0.0}");

    internal static double Megabytes(long bytes) => bytes / (1024.0 * 1024);

    internal static void Line(StringBuilder text, FormattableString line) =>
        text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
