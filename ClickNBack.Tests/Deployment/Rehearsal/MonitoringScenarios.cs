using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using ClickNBack.Tests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace ClickNBack.Tests.Deployment.Rehearsal;

/// <summary>What decides about alerts, in a platform that runs: Prometheus and Alertmanager, and whoever they tell (O2, O3).</summary>
[Collection(RehearsalRunDefinition.Name)]
[Trait("Category", "Rehearsal")]
[Trait("Duration", "Long")]
public class MonitoringScenarios(RehearsalRun run)
{
    // Asking every 15 s, waiting for what ends by itself, collecting what belongs together: an alert may take two minutes.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    [Fact]
    public Task Telemetry_reaches_a_collector_elsewhere_and_there_is_no_way_out_otherwise() =>
        run.PlayAsync(
            "an external OTLP collector",
            mayFail: false,
            async notes =>
            {
                using var collector = new TcpListener(IPAddress.Any, 0);
                collector.Start();
                var addresses = await run.Server.RunAsync("hostname", "-I").ExpectAsync(0);
                var (address, port) = (addresses.Output.Split(' ')[0], ((IPEndPoint)collector.LocalEndpoint).Port);
                run.Server.Configure(
                    new()
                    {
                        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://{address}:{port}",
                        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                    }
                );
                try
                {
                    await run.DeployAsync(run.Next, notes);
                    Assert.Contains("_egress", await NetworksAsync(), StringComparison.Ordinal);
                    using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
                    using var connection = await collector.AcceptTcpClientAsync(patience.Token);
                    using var reader = new StreamReader(connection.GetStream());
                    Assert.StartsWith(
                        "POST /v1/",
                        await reader.ReadLineAsync(patience.Token),
                        StringComparison.Ordinal
                    );
                }
                finally
                {
                    run.Server.Configure([]);
                }

                await run.DeployAsync(run.Next, notes);
                Assert.DoesNotContain("_egress", await NetworksAsync(), StringComparison.Ordinal);

                async Task<string> NetworksAsync() =>
                    await run.Server.DockerAsync(
                        "inspect",
                        "--format",
                        "{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}",
                        await run.Server.ContainerAsync($"api-{run.Server.Colour}")
                    );
            }
        );

    [Fact]
    public Task Who_is_to_be_told_is_told_that_the_API_is_down() =>
        run.PlayAsync(
            "monitoring: an alert",
            mayFail: true,
            async notes =>
            {
                await using var webhook = await Webhook.ListenAsync(await GatewayAsync());
                try
                {
                    run.Server.Configure(
                        new()
                        {
                            ["ALERTMANAGER_IMAGE"] = await Images.AlertmanagerAsync(run.Server),
                            ["ALERT_SLACK_URL"] = $"{webhook.Address}nobody",
                            ["ALERT_PAGE_WEBHOOK_URL"] = $"{webhook.Address}page",
                            ["ALERT_WATCHDOG_URL"] = $"{webhook.Address}watchdog",
                        }
                    );
                    await run.Server.ClicknbackAsync("install").ExpectAsync(0);
                    await ComposeAsync("up", "--detach", "--no-deps", "--wait", "prometheus", "alertmanager");
                    await Until.TrueAsync(
                        async () => await TargetsAsync() >= 2,
                        "Prometheus reaches the API and the proxy",
                        Patience
                    );
                    var rules = (await AskAsync("rules?type=alert")).GetProperty("groups").EnumerateArray();
                    notes.Add($"{rules.Sum(it => it.GetProperty("rules").GetArrayLength())} alerts");

                    var running = await run.Server.DockerAsync(
                        "ps",
                        "--quiet",
                        "--filter",
                        $"name={run.Server.Project}-api-"
                    );
                    var colours = running.Split('\n');
                    await run.Server.DockerAsync(["stop", .. colours]);
                    try
                    {
                        await Until.TrueAsync(
                            () => webhook.HasHeard("/watchdog", "Watchdog"),
                            "the watchdog hears that all is well",
                            Patience
                        );
                        await Until.TrueAsync(() => webhook.HasHeard("/page", "ApiDown"), "ApiDown was told", Patience);
                    }
                    finally
                    {
                        await run.Server.DockerAsync(["start", .. colours]);
                    }
                }
                finally
                {
                    await ComposeAsync("rm", "--stop", "--force", "prometheus", "alertmanager");
                    run.Server.Configure([]);
                }
            }
        );

    // What this machine is called in the network from which Alertmanager looks for the way out.
    private Task<string> GatewayAsync() =>
        run.Server.DockerAsync(
            "network",
            "inspect",
            "--format",
            "{{(index .IPAM.Config 0).Gateway}}",
            $"{run.Server.Project}_public"
        );

    private Task<string> ComposeAsync(params string[] arguments) =>
        run.Server.DockerAsync([
            .. run.Server.Compose("compose.production.yaml"),
            "--profile",
            "monitoring",
            .. arguments,
        ]);

    /// <summary>How many of the API's colours and the proxy answer Prometheus.</summary>
    private async Task<int> TargetsAsync()
    {
        try
        {
            var up = await AskAsync("query?query=up%7Bjob%3D~%22api%7Cedge%22%7D%20%3D%3D%201");
            return up.GetProperty("result").GetArrayLength();
        }
        catch (HttpRequestException)
        {
            return 0; // it starts
        }
    }

    /// <summary>Asks Prometheus, which publishes no port, in the network that it shares with the API.</summary>
    private async Task<JsonElement> AskAsync(string question)
    {
        var address = await run.Server.DockerAsync(
            "inspect",
            "--format",
            $"{{{{(index .NetworkSettings.Networks \"{run.Server.Project}_app\").IPAddress}}}}",
            await run.Server.ContainerAsync("prometheus")
        );
        using var http = new HttpClient();
        using var json = JsonDocument.Parse(
            await http.GetStringAsync(new Uri($"http://{address}:9090/api/v1/{question}"))
        );
        return json.RootElement.GetProperty("data").Clone();
    }

    /// <summary>Whom the alerts are posted to.</summary>
    private sealed class Webhook : IAsyncDisposable
    {
        private readonly WebApplication _app;
        private readonly ConcurrentQueue<(string Path, string Alert)> _heard = [];

        private Webhook(WebApplication app) => _app = app;

        public Uri Address => new(_app.Urls.Single());

        public static async Task<Webhook> ListenAsync(string address)
        {
            var builder = WebApplication.CreateEmptyBuilder(new());
            builder.WebHost.UseKestrelCore().UseUrls($"http://{address}:0");
            var webhook = new Webhook(builder.Build());
            webhook._app.Run(webhook.HearAsync);
            await webhook._app.StartAsync();
            return webhook;
        }

        public bool HasHeard(string path, string alert) => _heard.Contains((path, alert));

        public ValueTask DisposeAsync() => _app.DisposeAsync();

        private async Task HearAsync(HttpContext context)
        {
            using var message = await JsonDocument.ParseAsync(
                context.Request.Body,
                cancellationToken: context.RequestAborted
            );
            foreach (var alert in message.RootElement.GetProperty("alerts").EnumerateArray())
            {
                _heard.Enqueue(
                    (context.Request.Path, alert.GetProperty("labels").GetProperty("alertname").GetString()!)
                );
            }
        }
    }
}
