using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ClickNBack.ServiceDefaults;

/// <summary>
/// Traces, metrics and logs over OTLP, if <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is configured; metrics for Prometheus, if
/// <c>OTEL_EXPORTER_PROMETHEUS_PORT</c> is; without either nothing is built. The other standard variables (protocol,
/// headers, intervals, sampler, resource attributes) hold as specified. What is left is sent when the host is disposed,
/// for at most 5 s per signal.
/// </summary>
internal static class Telemetry
{
    private const string EndpointKey = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string ProtocolKey = "OTEL_EXPORTER_OTLP_PROTOCOL";
    private const string PrometheusPortKey = "OTEL_EXPORTER_PROMETHEUS_PORT";

    public static void AddTelemetry(this IHostApplicationBuilder builder, BuildInfo build)
    {
        ConfigurationError[] errors = [.. FindErrors(builder.Configuration)];
        builder.Services.AddConfigurationCheck(_ => errors);
        var sends = !string.IsNullOrEmpty(builder.Configuration[EndpointKey]);
        var port = PortOf(builder.Configuration[PrometheusPortKey]);
        if (errors.Length > 0 || !(sends || port > 0))
        {
            return;
        }

        // Otherwise ASP.NET Core 10 leaves method, path and server off its spans, for a library to add them at a higher price.
        AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);

        var telemetry = builder
            .Services.AddOpenTelemetry()
            .ConfigureResource(resource =>
                resource
                    .AddService(builder.Environment.ApplicationName, serviceVersion: build.Version)
                    .AddAttributes([new("deployment.environment.name", builder.Environment.EnvironmentName)])
                    .AddEnvironmentVariableDetector() // last, so that OTEL_SERVICE_NAME and the like win
            )
            .WithMetrics(metrics =>
                metrics
                    .AddAspNetCoreInstrumentation()
                    .AddMeter("System.Net.Http", "System.Runtime", "Npgsql", "Polly", "ClickNBack.*")
            );
        if (sends)
        {
            telemetry
                .WithTracing(tracing =>
                    tracing.AddAspNetCoreInstrumentation().AddSource("System.Net.Http", "Npgsql", "ClickNBack.*")
                )
                .WithLogging(
                    configureBuilder: null,
                    logs =>
                    {
                        logs.IncludeScopes = true;
                        logs.IncludeFormattedMessage = true;
                    }
                )
                .UseOtlpExporter();
        }

        if (port > 0)
        {
            telemetry.WithMetrics(metrics => metrics.AddPrometheusExporter());
            builder.Services.AddSingleton<IStartupFilter>(new MetricsEndpoint(port));
        }
    }

    /// <summary>Drops the span of a request that is nobody's, such as a probe's, and with it its children.</summary>
    public static void Discard(Activity? span)
    {
        if (span is not null)
        {
            span.IsAllDataRequested = false;
            span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }
    }

    private static IEnumerable<ConfigurationError> FindErrors(IConfiguration configuration) =>
        from rule in (IEnumerable<(string Key, Func<string, bool> IsRight, string Expected)>)
            [
                (EndpointKey, IsHttpUrl, "an absolute http or https URL"),
                (ProtocolKey, protocol => protocol is "grpc" or "http/protobuf", "grpc or http/protobuf"),
                (PrometheusPortKey, port => PortOf(port) > 0, "a port, which is also one of HTTP_PORTS"),
            ]
        let given = configuration[rule.Key]
        where !string.IsNullOrEmpty(given) && !rule.IsRight(given)
        select new ConfigurationError(rule.Key, $"\"{given}\"", rule.Expected);

    private static bool IsHttpUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https";

    private static int PortOf(string? text) =>
        ushort.TryParse(text, CultureInfo.InvariantCulture, out var port) ? port : 0;

    /// <summary>
    /// <c>/metrics</c> on a port of its own that answers nothing else: what is published or proxied is the other port, so
    /// that nobody outside reads the metrics, whatever a proxy lets through.
    /// </summary>
    private sealed class MetricsEndpoint(int port) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) =>
            app =>
            {
                app.MapWhen(
                    http => http.Connection.LocalPort == port,
                    scraped => scraped.Use(DoNotMeasureAsync).UseOpenTelemetryPrometheusScrapingEndpoint()
                );
                next(app);
            };

        private static Task DoNotMeasureAsync(HttpContext http, RequestDelegate next)
        {
            if (http.Features.Get<IHttpMetricsTagsFeature>() is { } metrics)
            {
                metrics.MetricsDisabled = true;
            }

            Discard(Activity.Current);
            return next(http);
        }
    }
}
