using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using ClickNBack.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace ClickNBack.Tests.Unit.ServiceDefaults;

public sealed class TelemetryTests
{
    [Theory]
    [InlineData("http/protobuf")]
    [InlineData("grpc")]
    public async Task Traces_metrics_and_logs_of_a_service_reach_the_collector_when_it_stops(string protocol)
    {
        await using var collector = await Collector.StartAsync(protocol);
        var workTrace = ActivityTraceId.CreateRandom();
        var healthTrace = ActivityTraceId.CreateRandom();
        using var source = new ActivitySource($"ClickNBack.Test.{protocol}");
        using var meter = new Meter($"ClickNBack.Test.{protocol}");
        var builder = Programs.Web(
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("Shutdown:DrainSeconds", "0")
        );
        builder.AddServiceDefaults();

        await using (var app = builder.Build())
        {
            app.MapHealthEndpoints();
            var counter = meter.CreateCounter<int>("clicknback.test.bought");
            app.MapGet(
                "/work/{id}",
                (string id, ILogger<TelemetryTests> logger) =>
                {
                    using var activity = source.StartActivity("buy a thing");
                    counter.Add(1);
                    logger.LogInformation("Bought {Id}", id);
                }
            );
            await app.StartAsync();
            await GetAsync(app, "/work/7", workTrace);
            await GetAsync(app, "/ready", healthTrace);
            await app.StopAsync();
        }

        var traces = collector.Received("trace");
        Assert.Contains("buy a thing", traces, StringComparison.Ordinal);
        Assert.Contains("GET /work/{id}", traces, StringComparison.Ordinal);
        Assert.Contains(Bytes(workTrace), traces, StringComparison.Ordinal);
        Assert.DoesNotContain(Bytes(healthTrace), traces, StringComparison.Ordinal);

        var metrics = collector.Received("metrics");
        Assert.Contains("clicknback.test.bought", metrics, StringComparison.Ordinal);
        Assert.Contains("http.server.request.duration", metrics, StringComparison.Ordinal);
        Assert.Contains("kestrel.active_connections", metrics, StringComparison.Ordinal);
        Assert.Contains("dotnet.gc.collections", metrics, StringComparison.Ordinal);

        var logs = collector.Received("logs");
        Assert.Contains("Bought 7", logs, StringComparison.Ordinal);
        Assert.Contains(Bytes(workTrace), logs, StringComparison.Ordinal);

        var build = builder.Services.Select(service => service.ImplementationInstance).OfType<BuildInfo>().Single();
        Assert.All(
            [traces, metrics, logs],
            body =>
            {
                Assert.Contains("ClickNBack.Probe", body, StringComparison.Ordinal);
                Assert.Contains($"\u0005{build.Version}", body, StringComparison.Ordinal);
                Assert.Contains("service.instance.id", body, StringComparison.Ordinal);
                Assert.Contains("deployment.environment.name", body, StringComparison.Ordinal);
                Assert.Contains("Production", body, StringComparison.Ordinal);
            }
        );
    }

    [Theory]
    [InlineData("/orders/7", "GET /orders/{id}", 200, ActivityStatusCode.Unset)]
    [InlineData("/refuse", "GET /refuse", 409, ActivityStatusCode.Unset)]
    [InlineData("/crash", "GET /crash", 500, ActivityStatusCode.Error)]
    [InlineData("/elsewhere/7", "GET", 404, ActivityStatusCode.Unset)]
    public async Task A_span_of_a_request_has_route_and_status_and_no_identifiers_in_its_name(
        string path,
        string name,
        int status,
        ActivityStatusCode outcome
    )
    {
        await using var collector = await Collector.StartAsync("http/protobuf");
        var trace = ActivityTraceId.CreateRandom();
        var ended = new TaskCompletionSource<Activity>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Microsoft.AspNetCore",
            ActivityStopped = activity =>
            {
                if (activity.TraceId == trace)
                {
                    ended.TrySetResult(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        var builder = Programs.Web(
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("Shutdown:DrainSeconds", "0")
        );
        builder.AddServiceDefaults();
        await using var app = builder.Build();
        app.MapGet("/orders/{id}", (string id) => id);
        app.MapGet("/refuse", () => Results.Conflict());
        app.MapGet("/crash", string () => throw new InvalidOperationException("a bug"));
        await app.StartAsync();

        await GetAsync(app, path, trace);
        var span = await ended.Task.WaitAsync(Programs.Patience);

        Assert.Equal(name, span.DisplayName);
        Assert.Equal(status, span.GetTagItem("http.response.status_code"));
        Assert.Equal(outcome, span.Status);
    }

    [Fact]
    public async Task A_worker_that_never_starts_its_host_exports_what_it_has_when_the_host_is_disposed()
    {
        await using var collector = await Collector.StartAsync("http/protobuf");
        using var source = new ActivitySource("ClickNBack.Test.Worker");
        var builder = Programs.Worker(
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_SERVICE_NAME", "migrations")
        );
        builder.AddServiceDefaults();

        using (var host = builder.Build().StartTelemetry())
        {
            using var activity = source.StartActivity("migrate");
            host.Services.GetRequiredService<ILogger<TelemetryTests>>().LogInformation("Migrated");
        }

        Assert.Contains("migrate", collector.Received("trace"), StringComparison.Ordinal);
        Assert.Contains("dotnet.", collector.Received("metrics"), StringComparison.Ordinal);
        Assert.Contains("Migrated", collector.Received("logs"), StringComparison.Ordinal);
        Assert.Contains("migrations", collector.Received("trace"), StringComparison.Ordinal);
        Assert.DoesNotContain("ClickNBack.Probe", collector.Received("trace"), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_an_endpoint_nothing_is_built()
    {
        var builder = Programs.Worker(("OTEL_EXPORTER_OTLP_ENDPOINT", ""));
        builder.AddServiceDefaults();

        using var host = builder.Build().StartTelemetry();

        Assert.Null(host.Services.GetService<TracerProvider>());
        Assert.Null(host.Services.GetService<MeterProvider>());
        Assert.DoesNotContain(
            host.Services.GetServices<ILoggerProvider>(),
            provider => provider.GetType().FullName!.StartsWith("OpenTelemetry", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317", "an absolute http or https URL")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "not a url", "an absolute http or https URL")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "carrier pigeon", "grpc or http/protobuf")]
    [InlineData("OTEL_EXPORTER_PROMETHEUS_PORT", "0", "a port, which is also one of HTTP_PORTS")]
    [InlineData("OTEL_EXPORTER_PROMETHEUS_PORT", "metrics", "a port, which is also one of HTTP_PORTS")]
    public void A_malformed_setting_stops_the_start_and_names_the_key(string key, string given, string expected)
    {
        var builder = Programs.Worker((key, given));
        builder.AddServiceDefaults();

        var error = Assert.Single(Programs.WhatIsWrongWith(builder.Build).Errors);

        Assert.Equal(new ConfigurationError(key, $"\"{given}\"", expected), error);
    }

    private static async Task GetAsync(WebApplication app, string path, ActivityTraceId trace)
    {
        using var client = new HttpClient { BaseAddress = app.Address() };
        client.DefaultRequestHeaders.Add("traceparent", $"00-{trace}-b7ad6b7169203331-01");
        (await client.GetAsync(path)).Dispose();
    }

    // As it stands in protobuf.
    private static string Bytes(ActivityTraceId id) =>
        Encoding.Latin1.GetString(Convert.FromHexString(id.ToHexString()));

    /// <summary>Takes OTLP exports as they come over the wire.</summary>
    private sealed class Collector(WebApplication app) : IAsyncDisposable
    {
        private readonly ConcurrentQueue<(string Path, string Body)> _exports = new();

        public string Address => app.Address().ToString();

        public static async Task<Collector> StartAsync(string protocol)
        {
            var builder = Programs.Web();
            builder.WebHost.ConfigureKestrel(kestrel =>
                kestrel.ConfigureEndpointDefaults(endpoint =>
                    endpoint.Protocols = protocol == "grpc" ? HttpProtocols.Http2 : HttpProtocols.Http1
                )
            );
            var app = builder.Build();
            var collector = new Collector(app);
            app.Run(collector.TakeAsync);
            await app.StartAsync();
            return collector;
        }

        /// <summary>Everything of one signal, bytes as Latin-1.</summary>
        public string Received(string signal) =>
            string.Concat(
                _exports
                    .Where(export => export.Path.Contains(signal, StringComparison.OrdinalIgnoreCase))
                    .Select(export => export.Body)
            );

        public ValueTask DisposeAsync() => app.DisposeAsync();

        private async Task TakeAsync(HttpContext http)
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body, http.RequestAborted);
            _exports.Enqueue((http.Request.Path, Encoding.Latin1.GetString(body.ToArray())));
            if (http.Request.ContentType == "application/grpc")
            {
                http.Response.ContentType = "application/grpc";
                await http.Response.Body.WriteAsync(new byte[5], http.RequestAborted); // an empty message
                http.Response.AppendTrailer("grpc-status", "0");
            }
            else
            {
                http.Response.ContentType = "application/x-protobuf";
            }
        }
    }
}
