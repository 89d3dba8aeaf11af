using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace ClickNBack.ServiceDefaults;

/// <summary>
/// ASP.NET Core 10 makes a span for each request but knows no more of it than its beginning. This adds the end, as
/// OpenTelemetry's conventions have it: name and route (never the path, which holds identifiers), status, failure.
/// </summary>
internal sealed class RequestSpans : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) =>
        app =>
        {
            app.Use(CompleteAsync); // outermost: it sees what every other middleware did
            next(app);
        };

    /// <summary>Of a request that is nobody's: spans that are not recorded are not exported, nor are their children.</summary>
    public static void Discard(Activity? span)
    {
        if (span is not null)
        {
            span.IsAllDataRequested = false;
            span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }
    }

    private static async Task CompleteAsync(HttpContext http, RequestDelegate next)
    {
        try
        {
            await next(http);
            Complete(http, http.Response.StatusCode);
        }
        catch
        {
            Complete(http, StatusCodes.Status500InternalServerError);
            throw;
        }
    }

    private static void Complete(HttpContext http, int status)
    {
        if (http.Features.Get<IHttpActivityFeature>()?.Activity is not { IsAllDataRequested: true } span)
        {
            return;
        }

        // The exception handler takes the endpoint away.
        var endpoint = http.Features.Get<IExceptionHandlerFeature>()?.Endpoint ?? http.GetEndpoint();
        // ASP.NET Core has reduced the method to the known ones: names must not be the callers' to make.
        var method = span.GetTagItem("http.request.method") is string known and not "_OTHER" ? known : "HTTP";
        span.DisplayName = method;
        if (endpoint is RouteEndpoint { RoutePattern.RawText: { } route })
        {
            span.DisplayName = $"{method} {route}";
            span.SetTag("http.route", route);
        }

        span.SetTag("http.response.status_code", status);
        if (status >= StatusCodes.Status500InternalServerError)
        {
            span.SetStatus(ActivityStatusCode.Error);
        }
    }
}
