using ClickNBack.Benchmarks;
using ClickNBack.Benchmarks.Bare;

if (args is ["--serve-bare"])
{
    await BareServer.RunAsync();
    return 0;
}

try
{
    var options = Options.Parse(args);
    if (options.StatementsOnly)
    {
        await Statements.PrintAsync(options);
        return 0;
    }

    if (options.Parts.Contains("requests", StringComparer.Ordinal) && !Wrk.IsInstalled)
    {
        await Console.Error.WriteLineAsync(Wrk.Missing);
        return 2;
    }

    if (options.Parts.Any(it => it != "reports"))
    {
        await WriteAsync("measured", await Benchmark.RunAsync(options));
    }

    if (options.Parts.Contains("reports", StringComparer.Ordinal))
    {
        await WriteAsync("reports", Report.Of(await MatchingRun.MeasureAsync(options), options));
    }

    return 0;

    async Task WriteAsync(string section, string report)
    {
        Console.WriteLine(report);
        if (options.Document is { } document)
        {
            await Report.ReplaceAsync(document, section, report);
        }
    }
}
catch (FormatException problem)
{
    await Console.Error.WriteLineAsync($"{problem.Message}\n\n{Options.Usage}");
    return 2;
}
catch (Exception problem) // so that what was started is stopped: an unhandled one would end this process at once
{
    await Console.Error.WriteLineAsync($"The measurement failed: {problem}");
    return 1;
}
