using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using ClickNBack.Tests.Contract;
using ClickNBack.Tests.Infrastructure;
using YamlDotNet.RepresentationModel;

namespace ClickNBack.Tests.Deployment;

/// <summary>Alert rules and dashboards ask for what there is, and each alert says what to do about it.</summary>
[Trait("Category", "Drift")]
public sealed partial class MonitoringTests
{
    // Of other programs: the edge, the machine, the site as seen from outside, Prometheus itself.
    private static readonly string[] Foreign = ["caddy_", "node_", "probe_", "prometheus_", "alertmanager_", "up"];

    private static readonly string Monitoring = Path.Combine(Committed.Root, "deploy", "monitoring");

    private static readonly YamlNode[] Rules =
    [
        .. Directory
            .GetFiles(Path.Combine(Monitoring, "rules"))
            .SelectMany(file => Yaml.Read(file).List("groups"))
            .SelectMany(group => group.List("rules")),
    ];

    private static IEnumerable<YamlNode> Alerts => Rules.Where(it => it.Text("alert") is not null);

    [Fact]
    public async Task Every_query_asks_for_a_metric_that_somebody_exports()
    {
        var exported = await ExportedAsync();
        var recorded = Rules.Select(it => it.Text("record")).OfType<string>();
        var written = Directory
            .GetFiles(Path.Combine(Committed.Root, "deploy", "lib"))
            .SelectMany(file => Metric().Matches(File.ReadAllText(file)))
            .Select(it => it.Value);
        var known = exported.Concat(recorded).Concat(written).ToHashSet(StringComparer.Ordinal);

        Assert.All(Queries(), query => Assert.Empty(MetricsIn(query).Where(it => !IsForeign(it)).Except(known)));
    }

    [Fact]
    public void Every_alert_leads_to_a_paragraph_of_a_runbook() =>
        Assert.All(Alerts, it => Assert.Null(Links.Problem(Committed.Root, it.Map("annotations").Text("runbook")!)));

    [Fact]
    public void Every_alert_has_a_test()
    {
        var tested = Directory
            .GetFiles(Path.Combine(Monitoring, "tests"))
            .SelectMany(file => Yaml.Read(file).List("tests"))
            .SelectMany(test => test.List("alert_rule_test"))
            .Select(it => it.Text("alertname"));

        Assert.Empty(Alerts.Select(it => it.Text("alert")).Except(tested));
    }

    /// <summary>What Prometheus reads from a running API, and what it would read once everything has happened in it.</summary>
    private static async Task<HashSet<string>> ExportedAsync()
    {
        var declared = new ConcurrentBag<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name.StartsWith("ClickNBack.", StringComparison.Ordinal))
                {
                    foreach (var name in PrometheusNames(instrument))
                    {
                        declared.Add(name);
                    }
                }
            },
        };
        listener.Start();

        var port = FreePort();
        await using var database = await TestDatabase.CreateAsync();
        await using var api = await ApiServer.StartAsync(
            database,
            new ApiSetup
            {
                VerificationJob = true,
                Settings = new()
                {
                    ["urls"] = $"http://127.0.0.1:0;http://127.0.0.1:{port}",
                    ["OTEL_EXPORTER_PROMETHEUS_PORT"] = $"{port}",
                },
            }
        );
        (await (await api.UserAsync()).TryWithdrawAsync(10)).Expect(409); // who counts payouts is made for the first of them
        using var http = new HttpClient();
        var page = await http.GetStringAsync($"http://127.0.0.1:{port}/metrics");
        var scraped = Series().Matches(page).Select(it => it.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);

        Assert.NotEmpty(declared);
        Assert.Empty(scraped.Where(it => it.StartsWith("clicknback_", StringComparison.Ordinal)).Except(declared));
        return [.. scraped, .. declared];
    }

    private static IEnumerable<string> PrometheusNames(Instrument instrument)
    {
        var unit = instrument.Unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            "EUR" => "_EUR",
            _ => "",
        };
        var name = instrument.Name.Replace('.', '_') + unit;
        var type = instrument.GetType().GetGenericTypeDefinition();
        return type == typeof(Histogram<>) ? [$"{name}_bucket", $"{name}_sum", $"{name}_count"]
            : type == typeof(Counter<>) || type == typeof(ObservableCounter<>) ? [$"{name}_total"]
            : [name];
    }

    private static IEnumerable<string> Queries() =>
        Directory
            .GetFiles(Path.Combine(Monitoring, "grafana", "dashboards"), "*.json")
            .SelectMany(file => Expressions(JsonDocument.Parse(File.ReadAllText(file)).RootElement))
            .Concat(Rules.Select(it => it.Text("expr")!));

    private static IEnumerable<string> Expressions(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.Array => element.EnumerateArray().SelectMany(Expressions),
            JsonValueKind.Object => element
                .EnumerateObject()
                .SelectMany(it => it.Name == "expr" ? [it.Value.GetString()!] : Expressions(it.Value)),
            _ => [],
        };

    private static bool IsForeign(string metric) =>
        Foreign.Any(prefix => metric.StartsWith(prefix, StringComparison.Ordinal));

    private static IEnumerable<string> MetricsIn(string query) =>
        Name().Matches(NoMetric().Replace(query, " ")).Select(it => it.Value).Where(it => !Keyword().IsMatch(it));

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex(@"\bclicknback_[a-z_]+", RegexOptions.None, 1000)]
    private static partial Regex Metric();

    [GeneratedRegex(@"^(?<name>[a-zA-Z_:][\w:]*)[ {]", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Series();

    // Texts, label matchers, ranges, and labels to group by.
    [GeneratedRegex(
        """
            "[^"]*"|\{[^}]*\}|\[[^\]]*\]|\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)
            """,
        RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex NoMetric();

    [GeneratedRegex(@"(?<![\w.])[a-zA-Z_:][\w:]*\b(?!\s*\()", RegexOptions.None, 1000)]
    private static partial Regex Name();

    [GeneratedRegex("^(and|or|unless|bool|offset)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Keyword();
}
