using System.Globalization;
using System.Text;
using ClickNBack.Tests.Contract;

namespace ClickNBack.Tests.Deployment.Rehearsal;

/// <summary>artifacts/rehearsal.md: a row for each scenario, as measured.</summary>
internal sealed class Report
{
    private readonly string _file = Path.Combine(Committed.Root, "artifacts", "rehearsal.md");
    private readonly List<string> _rows = [];

    /// <summary>Adds a row and writes the file anew, so that an interrupted rehearsal leaves one too.</summary>
    public void Add(string scenario, string outcome, Tally tally, IEnumerable<string> notes)
    {
        var slowest = tally.SlowestSeconds.ToString("0.00", CultureInfo.InvariantCulture);
        _rows.Add(
            $"| {scenario} | {outcome} | {tally.Sent} | {tally.Failures.Count} | {slowest} | {string.Join("; ", notes).Replace("|", "\\|", StringComparison.Ordinal)} |"
        );
        var text = new StringBuilder()
            .AppendLine("# Rehearsal of the deployment")
            .AppendLine()
            .AppendLine("Real images, the real compose files, load all the time. Times in seconds, as measured.")
            .AppendLine()
            .AppendLine("| scenario | outcome | requests | failed | slowest | measured |")
            .AppendLine("| --- | --- | ---: | ---: | ---: | --- |")
            .AppendJoin('\n', _rows)
            .AppendLine();
        Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
        File.WriteAllText(_file, text.ToString());
    }
}
