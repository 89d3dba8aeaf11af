using System.Globalization;
using System.Text;
using static ClickNBack.Benchmarks.Report;

namespace ClickNBack.Benchmarks;

/// <summary>The one table that says what was aimed at and what was reached.</summary>
internal static class Summary
{
    private const int Connections = 16;

    public static void Write(StringBuilder text, Measurements measured)
    {
        Line(text, $"### In one table");
        Line(text, $"");
        Line(text, $"| what | measured | aim | reached |");
        Line(text, $"| --- | --- | ---: | :---: |");
        foreach (var it in measured.Cells.Where(it => it.Connections == Connections))
        {
            Throughput(it);
        }

        foreach (var it in measured.Anatomies)
        {
            var isIngestion = it.Workload.Kind == RequestKind.Ingestion;
            var (trips, kilobytes) = (isIngestion ? 3 : 1, isIngestion ? 40 : double.PositiveInfinity);
            Row(
                $"{it.Workload.Name}, round trips",
                $"{it.Api.RoundTrips:0.0}",
                $"≤ {trips}",
                Math.Round(it.Api.RoundTrips, 1) <= trips
            );
            if (isIngestion)
            {
                Row(
                    $"{it.Workload.Name}, allocated",
                    $"{it.Api.Allocated / 1024:0.0} kB",
                    $"≤ {kilobytes} kB",
                    it.Api.Allocated / 1024 <= kilobytes
                );
            }
        }

        if (measured.Plans.Count > 0)
        {
            foreach (
                var it in measured.Plans.Where(it =>
                    it.Statements.Any(one => one.Sql.Contains("FROM purchases WHERE user_id", StringComparison.Ordinal))
                )
            )
            {
                Row($"{it.Request}, in PostgreSQL", $"{it.Milliseconds:0.00} ms", $"< 5 ms", it.Milliseconds < 5);
            }

            var scans = measured.Plans.SelectMany(it => it.Statements).Sum(it => it.Scanned.Count);
            Row($"sequential scans of large tables", $"{scans}", $"0", scans == 0);
        }

        foreach (var it in measured.Backlogs)
        {
            Row(
                $"the job, {it.Processes} {(it.Processes == 1 ? "process" : "processes")}",
                $"{it.PerSecond:0} purchases a second",
                $"≥ 5000",
                it.PerSecond >= 5000
            );
        }

        if (measured.Memory.Count > 0)
        {
            var ready = Megabytes(measured.Memory[0].Use.Proportional);
            var most = Megabytes(measured.Memory.Max(it => it.Use.Peak));
            Row($"memory of the API when ready", $"{ready:0} MB", $"≤ 90 MB", ready <= 90);
            Row($"memory of the API under load", $"{most:0} MB at most", $"≤ 180 MB", most <= 180);
        }

        if (measured.StartUp is { First: var first, Second: var second })
        {
            Row($"ready after, first start", $"{first.TotalSeconds:0.0} s", $"< 12 s", first.TotalSeconds < 12);
            Row($"ready after, second start", $"{second.TotalSeconds:0.0} s", $"< 8 s", second.TotalSeconds < 8);
        }

        Row(
            $"violations of the money invariants",
            $"{measured.Loaded.Violations}",
            $"0",
            measured.Loaded.Violations == 0
        );

        void Throughput(Cell cell)
        {
            var (what, least) = (cell.Workload.Kind, cell.People) switch
            {
                (RequestKind.ActiveOffers, _) => ($"{cell.Workload.Name} a second", 10_000),
                (RequestKind.Wallet, _) => ($"{cell.Workload.Name} a second", 12_000),
                (RequestKind.Ingestion, 1) => ("purchases a second, one user", 800),
                (RequestKind.Ingestion, var people) => ($"purchases a second, {people} users", 2_500),
                _ => ("", 0),
            };
            if (least > 0)
            {
                Row($"{what}", $"{cell.Api.PerSecond:0}", $"≥ {least}", cell.Api.PerSecond >= least);
            }

            if (cell is { Limit: { } limit, People: > 1 })
            {
                Row(
                    $"the same of the limit",
                    $"{Share(cell.Api.PerSecond, limit)} of {limit:0}",
                    $"≥ 30 %",
                    cell.Api.PerSecond >= 0.3 * limit
                );
            }
        }

        void Row(FormattableString what, FormattableString found, FormattableString aim, bool reached) =>
            Line(text, $"| {In(what)} | {In(found)} | {In(aim)} | {(reached ? "yes" : "**no**")} |");
    }

    private static string In(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
