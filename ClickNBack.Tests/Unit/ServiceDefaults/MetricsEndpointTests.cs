using System.Diagnostics.Metrics;
using System.Net;
using ClickNBack.ServiceDefaults;
using ClickNBack.Tests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace ClickNBack.Tests.Unit.ServiceDefaults;

[Collection(ByItself.Name)]
public sealed class MetricsEndpointTests
{
    [Fact]
    public async Task Prometheus_reads_the_metrics_on_their_own_port_and_nowhere_else()
    {
        var port = ChildProcess.FreePort();
        using var meter = new Meter("ClickNBack.Test.Scraped");
        await using var app = await StartAsync(port);
        meter.CreateCounter<int>("clicknback.test.sold", "{thing}").Add(3);
        using var client = new HttpClient();
        var open = PublicAddress(app, port);
        (await client.GetAsync(new Uri(open, "/things/7"))).Dispose();

        var metrics = await client.GetStringAsync($"http://127.0.0.1:{port}/metrics");
        var again = await client.GetStringAsync($"http://127.0.0.1:{port}/metrics");
        using var outside = await client.GetAsync(new Uri(open, "/metrics"));
        using var disguised = new HttpRequestMessage(HttpMethod.Get, new Uri(open, "/metrics"));
        disguised.Headers.Host = $"127.0.0.1:{port}";
        using var asked = await client.SendAsync(disguised);
        using var other = await client.GetAsync($"http://127.0.0.1:{port}/things/7");

        Assert.Matches("""(?m)^clicknback_test_sold_total(\{.*\})? 3( |$)""", metrics);
        Assert.Matches(
            """(?m)^http_server_request_duration_seconds_count\{.*http_route="/things/\{id\}".*\} 1( |$)""",
            metrics
        );
        Assert.DoesNotMatch("""(?m)^http_server_request_duration_seconds_count\{(?!.*http_route=)""", again);
        Assert.Equal(
            [HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.NotFound],
            [outside.StatusCode, asked.StatusCode, other.StatusCode]
        );
    }

    private static async Task<WebApplication> StartAsync(int port)
    {
        var builder = Programs.Web(("OTEL_EXPORTER_PROMETHEUS_PORT", $"{port}"), ("Shutdown:DrainSeconds", "0"));
        builder.Configuration["urls"] = $"http://127.0.0.1:0;http://127.0.0.1:{port}";
        builder.AddServiceDefaults();
        var app = builder.Build();
        app.MapGet("/things/{id}", (string id) => id);
        await app.StartAsync();
        return app;
    }

    private static Uri PublicAddress(WebApplication app, int port) =>
        app
            .Services.GetRequiredService<IServer>()
            .Features.Get<IServerAddressesFeature>()!
            .Addresses.Select(address => new Uri(address))
            .Single(address => address.Port != port);
}
