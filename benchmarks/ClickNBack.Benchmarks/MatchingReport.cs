using System.Text;
using static ClickNBack.Benchmarks.Report;

namespace ClickNBack.Benchmarks;

/// <summary>Writes what was measured of the matching of reports.</summary>
internal static class MatchingReport
{
    public static void Write(StringBuilder text, Matching measured)
    {
        var perSecond = measured.Reports / measured.Matched.TotalSeconds;
        var (least, most) = (measured.Progress.Skip(1).Min(it => it.Memory), measured.Progress.Max(it => it.Memory));
        Line(text, $"| {measured.Reports} reports against as many purchases, by one API | measured | aim |");
        Line(text, $"| --- | --- | ---: |");
        Line(
            text,
            $"| taken in, in messages of 1000, while it matches | after {measured.Received.TotalSeconds:0} s | |"
        );
        Line(
            text,
            $"| all of them matched | after {measured.Matched.TotalSeconds:0} s: **{perSecond:0} a second** | ≥ 2000 |"
        );
        Line(text, $"| what became of the purchases | {string.Join(", ", measured.Outcomes)} | |");
        Line(
            text,
            $"| memory of the API meanwhile, proportional | {Megabytes(least):0} to {Megabytes(most):0} MB | flat |"
        );
        Line(text, $"| violations of the money invariants | {measured.Environment.Violations} | 0 |");
        Line(text, $"");
        Line(
            text,
            $"| seconds | purchases decided | a second since the row before | memory of the API, MB | of it managed heap |"
        );
        Line(text, $"| ---: | ---: | ---: | ---: | ---: |");
        foreach (var (before, now) in measured.Progress.Zip(measured.Progress.Skip(1)))
        {
            var rate = (now.Purchases - before.Purchases) / (now.After - before.After).TotalSeconds;
            Line(
                text,
                $"| {now.After.TotalSeconds:0} | {now.Purchases} | {rate:0} | {Megabytes(now.Memory):0} | {Megabytes(now.Heap):0} |"
            );
        }

        Line(text, $"");
        Line(
            text,
            $"| a file of {measured.Files[0].Rows} rows | seconds | memory of the API before, MB | at most meanwhile |"
        );
        Line(text, $"| --- | ---: | ---: | ---: |");
        foreach (var it in measured.Files)
        {
            Line(
                text,
                $"| {it.Step} | {it.Taken.TotalSeconds:0.0} | {Megabytes(it.Before):0} | {Megabytes(it.Peak):0} |"
            );
        }

        Line(text, $"");
    }
}
