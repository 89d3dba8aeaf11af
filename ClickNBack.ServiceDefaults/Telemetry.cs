using System.Globalization;
using Microsoft.AspNetCore.Hosting;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ClickNBack.ServiceDefaults;

/// <summary>
/// Traces, metrics and logs over OTLP, if <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is configured; metrics for Prometheus, if
/// <c>OTEL_EXPORTER_PROMETHEUS_PORT</c> is (<see cref="MetricsEndpoint"/>); without either nothing is built. The other standard
/// variables (protocol, headers, intervals, sampler, resource attributes) hold as specified. What is left is sent when the host is disposed, for at most 5 s per signal.
/// </summary>
internal static class Telemetry
{
    private const string EndpointKey = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string ProtocolKey = "OTEL_EXPORTER_OTLP_PROTOCOL";
    private const string PrometheusPortKey = "OTEL_EXPORTER_PROMETHEUS_PORT";

    private static readonly string[] Sources = ["Microsoft.AspNetCore", "System.Net.Http", "Npgsql", "ClickNBack.*"];

    private static readonly string[] Meters =
    [
        "Microsoft.AspNetCore.Hosting",
        "Microsoft.AspNetCore.Server.Kestrel",
        "System.Net.Http",
        "System.Runtime",
        "Npgsql",
        "Polly",
        "ClickNBack.*",
    ];

    public static void AddTelemetry(this IHostApplicationBuilder builder, BuildInfo build)
    {
        var errors = FindErrors(builder.Configuration);
        builder.Services.AddConfigurationCheck(_ => errors);
        var sends = !string.IsNullOrEmpty(builder.Configuration[EndpointKey]);
        var isScraped = ushort.TryParse(
            builder.Configuration[PrometheusPortKey],
            CultureInfo.InvariantCulture,
            out var port
        );
        if (errors.Count > 0 || !(sends || isScraped))
        {
            return;
        }

        // ASP.NET Core 10 leaves method, path and server off its spans unless told otherwise, and the rest in any case.
        AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);
        builder.Services.AddSingleton<IStartupFilter, RequestSpans>();

        var instance = Guid.CreateVersion7(build.StartedAt).ToString();
        void Describe(ResourceBuilder resource) =>
            resource
                .AddService(
                    builder.Environment.ApplicationName,
                    serviceVersion: build.Version,
                    serviceInstanceId: instance
                )
                .AddAttributes([new("deployment.environment.name", builder.Environment.EnvironmentName)])
                .AddEnvironmentVariableDetector(); // last, so that OTEL_SERVICE_NAME and the like win

        builder.Services.AddSingleton(services =>
            OpenTelemetrySdk.Create(telemetry =>
            {
                // The exporter reads the application's configuration rather than only the environment.
                telemetry.Services.AddSingleton(services.GetRequiredService<IConfiguration>());
                telemetry.ConfigureResource(Describe).WithMetrics(metrics => metrics.AddMeter(Meters));
                if (sends)
                {
                    telemetry
                        .WithTracing(tracing => tracing.AddSource(Sources).AddOtlpExporter())
                        .WithMetrics(metrics => metrics.AddOtlpExporter());
                }

                if (isScraped)
                {
                    telemetry.WithMetrics(metrics => metrics.AddPrometheusExporter());
                }
            })
        );
        builder.Services.AddHostedService<TelemetryStart>();
        if (isScraped)
        {
            builder.Services.AddSingleton<IStartupFilter>(services => new MetricsEndpoint(
                services.GetRequiredService<OpenTelemetrySdk>().MeterProvider,
                port
            ));
        }

        if (!sends)
        {
            return;
        }

        builder.Logging.AddOpenTelemetry(logs =>
        {
            var resource = ResourceBuilder.CreateDefault();
            Describe(resource);
            logs.SetResourceBuilder(resource);
            logs.IncludeScopes = true;
            logs.IncludeFormattedMessage = true;
            logs.AddOtlpExporter();
        });
    }

    private static List<ConfigurationError> FindErrors(IConfiguration configuration)
    {
        var errors = new List<ConfigurationError>();
        if (
            configuration[EndpointKey] is { Length: > 0 } endpoint
            && !(Uri.TryCreate(endpoint, UriKind.Absolute, out var url) && (url.Scheme is "http" or "https"))
        )
        {
            errors.Add(new ConfigurationError(EndpointKey, $"\"{endpoint}\"", "an absolute http or https URL"));
        }

        if (configuration[ProtocolKey] is { Length: > 0 } protocol && protocol is not ("grpc" or "http/protobuf"))
        {
            errors.Add(new ConfigurationError(ProtocolKey, $"\"{protocol}\"", "grpc or http/protobuf"));
        }

        if (
            configuration[PrometheusPortKey] is { Length: > 0 } port
            && !(ushort.TryParse(port, CultureInfo.InvariantCulture, out var number) && number > 0)
        )
        {
            errors.Add(
                new ConfigurationError(PrometheusPortKey, $"\"{port}\"", "a port, which is also one of HTTP_PORTS")
            );
        }

        return errors;
    }

    /// <summary>Creates the providers, which listen from then on. The container disposes them.</summary>
    private sealed class TelemetryStart(IServiceProvider services) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            _ = services.GetRequiredService<OpenTelemetrySdk>();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
