using System.Globalization;
using System.Text;
using static ClickNBack.Benchmarks.Report;

namespace ClickNBack.Benchmarks;

/// <summary>The one table that says what was aimed at and what was reached.</summary>
internal static class Summary
{
    private const int Connections = 16;

    /// <summary>How much of the bare program's throughput the API shall have, per cent.</summary>
    public static int Aim(Workload workload) => workload.Kind == RequestKind.Ingestion ? 60 : 70;

    public static void Write(StringBuilder text, Measurements measured)
    {
        Line(text, $"### In one table");
        Line(text, $"");
        Line(text, $"| what | measured | beside | aim | reached |");
        Line(text, $"| --- | --- | --- | ---: | :---: |");
        foreach (var (workload, cells) in measured.Cells.GroupBy(it => it.Workload).Select(it => (it.Key, it.ToList())))
        {
            var cell = cells.MinBy(it => Math.Abs(it.Connections - Connections))!;
            var share = 100 * cell.Api.PerSecond / cell.Bare.PerSecond;
            Row(
                $"{workload.Name} at {cell.Connections} connections",
                $"{cell.Api.PerSecond:0} req/s, p50 / p95 / p99 {Latency(cell.Api)} ms",
                $"bare {cell.Bare.PerSecond:0} req/s, {Latency(cell.Bare)} ms",
                $"≥ {Aim(workload)} % of bare",
                share >= Aim(workload),
                $"{share:0} %"
            );
        }

        foreach (var it in measured.Anatomies)
        {
            Row(
                $"one request: {it.Workload.Name}",
                $"{it.Api.RoundTrips:0.0} round trips, {it.Api.Allocated / 1024:0.0} kB allocated",
                $"bare {it.Bare.RoundTrips:0.0} round trips, {it.Bare.Allocated / 1024:0.0} kB",
                $"",
                null
            );
        }

        if (measured.Plans.Count > 0)
        {
            foreach (
                var it in measured.Plans.Where(it =>
                    it.Statements.Any(one => one.Sql.Contains("FROM purchases WHERE user_id", StringComparison.Ordinal))
                )
            )
            {
                Row($"{it.Request}, in PostgreSQL", $"{it.Milliseconds:0.00} ms", $"", $"< 5 ms", it.Milliseconds < 5);
            }

            var scans = measured.Plans.SelectMany(it => it.Statements).Sum(it => it.Scanned.Count);
            Row($"sequential scans of large tables", $"{scans}", $"", $"0", scans == 0);
        }

        foreach (var it in measured.Backlogs)
        {
            Row(
                $"the job, {it.Processes} {(it.Processes == 1 ? "process" : "processes")}",
                $"{it.PerSecond:0} purchases a second",
                $"",
                $"≥ 1000",
                it.PerSecond >= 1000
            );
        }

        if (measured.Memory.Count > 0)
        {
            var most = Megabytes(measured.Memory.Max(it => it.Use.Peak));
            Row($"memory of the API under load", $"{most:0} MB at most", $"", $"< 200 MB", most < 200);
        }

        if (measured.StartUp is { Second: var second })
        {
            Row($"ready after", $"{second.TotalSeconds:0.0} s", $"", $"< 5 s", second.TotalSeconds < 5);
        }

        Row($"violations of the money invariants", $"{measured.Violations}", $"", $"0", measured.Violations == 0);

        void Row(
            FormattableString what,
            FormattableString found,
            FormattableString beside,
            FormattableString aim,
            bool? reached,
            FormattableString? more = null
        )
        {
            var verdict = reached switch
            {
                true => "yes",
                false => "**no**",
                null => "",
            };
            var share = more is null ? "" : $", {In(more)}";
            Line(text, $"| {In(what)} | {In(found)} | {In(beside)} | {In(aim)} | {verdict}{share} |");
        }
    }

    private static string In(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
