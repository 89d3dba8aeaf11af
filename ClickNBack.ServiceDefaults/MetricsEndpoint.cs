using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OpenTelemetry.Metrics;

namespace ClickNBack.ServiceDefaults;

/// <summary>
/// <c>/metrics</c> for Prometheus, on a port of its own that answers nothing else: what is published or proxied is the other
/// port, so that nobody outside reads the metrics, whatever a proxy lets through.
/// </summary>
internal sealed class MetricsEndpoint(MeterProvider meters, int port) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) =>
        app =>
        {
            app.MapWhen(
                http => http.Connection.LocalPort == port,
                scraped =>
                {
                    scraped.Use(DoNotMeasureAsync);
                    scraped.UseOpenTelemetryPrometheusScrapingEndpoint(
                        meters,
                        predicate: null,
                        path: "/metrics",
                        configureBranchedPipeline: null,
                        optionsName: null
                    );
                }
            );
            next(app);
        };

    private static Task DoNotMeasureAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Features.Get<IHttpMetricsTagsFeature>() is { } metrics)
        {
            metrics.MetricsDisabled = true;
        }

        RequestSpans.Discard(Activity.Current);
        return next(http);
    }
}
