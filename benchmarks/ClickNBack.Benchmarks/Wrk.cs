using System.Globalization;
using System.Text.RegularExpressions;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Benchmarks;

/// <summary>What one round of load showed.</summary>
/// <param name="PerSecond">Answers a second.</param>
/// <param name="Requests">How many there were.</param>
/// <param name="P50">Median latency, milliseconds; the others likewise.</param>
/// <param name="P95">95 of 100 are not slower.</param>
/// <param name="P99">99 of 100 are not slower.</param>
internal sealed record Round(double PerSecond, long Requests, double P50, double P95, double P99);

/// <summary>
/// Load by wrk, one thread of C: it leaves the processors to the programs that are measured. What it sends says Requests.lua.
/// </summary>
internal sealed partial class Wrk
{
    /// <summary>What to do where it is not installed.</summary>
    public const string Missing =
        "There is no wrk, which makes the load: apt-get install wrk (Debian, Ubuntu), brew install wrk (macOS).";

    private readonly string _folder;
    private readonly string _script;
    private readonly string _merchants;
    private readonly BenchmarkEnvironment _environment;

    private Wrk(BenchmarkEnvironment environment)
    {
        _environment = environment;
        _folder = environment.Folder;
        _script = Path.Combine(_folder, "requests.lua");
        _merchants = Path.Combine(_folder, "merchants");
    }

    /// <summary>Whether it is installed.</summary>
    public static bool IsInstalled =>
        Array.Exists(
            (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator),
            it => File.Exists(Path.Combine(it, "wrk"))
        );

    /// <summary>Writes what it reads.</summary>
    public static async Task<Wrk> CreateAsync(BenchmarkEnvironment environment)
    {
        var wrk = new Wrk(environment);
        await File.WriteAllTextAsync(wrk._script, await Resources.TextAsync("Requests.lua"));
        await File.WriteAllLinesAsync(wrk._merchants, environment.Merchants.Select(it => $"{it}"));
        return wrk;
    }

    /// <summary>Lets so many people ask in turn over so many connections.</summary>
    public async Task<Round> RunAsync(Uri server, Workload workload, int people, int connections, int seconds)
    {
        var asking = Path.Combine(_folder, $"people-{people}");
        if (!File.Exists(asking))
        {
            await File.WriteAllLinesAsync(
                asking,
                _environment.People.Take(people).Select(it => $"{it.Id} {it.Authorization}")
            );
        }

        var (exitCode, output) = await ChildProcess.RunAsync([
            "wrk",
            "--threads=1",
            $"--connections={connections}",
            $"--duration={seconds}s",
            "--timeout=30s",
            $"--script={_script}",
            server.GetLeftPart(UriPartial.Authority),
            "--",
            .. workload.Route.Split(' '),
            asking,
            _merchants,
            $"{Guid.CreateVersion7()}",
        ]);
        var words = Measured().Match(output).Groups["numbers"].Value.Split(' ');
        if (exitCode != 0 || words.Length != 6 || words[2] != "0")
        {
            throw new InvalidOperationException($"{workload.Route} by wrk failed:\n{output}");
        }

        var numbers = Array.ConvertAll(words, it => double.Parse(it, CultureInfo.InvariantCulture));
        return new(
            numbers[0] / TimeSpan.FromMicroseconds(numbers[1]).TotalSeconds,
            (long)numbers[0],
            numbers[3] / 1000,
            numbers[4] / 1000,
            numbers[5] / 1000
        );
    }

    [GeneratedRegex("^measured (?<numbers>.+)$", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Measured();
}
