using System.Diagnostics;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.Metadata;

namespace ClickNBack.Api.Http;

/// <summary>One log line a request: method, route, status, milliseconds and who asked. Never a body or a query string.</summary>
internal static partial class RequestLog
{
    /// <summary>Logs every request but the health checks.</summary>
    public static void UseRequestLog(this WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("ClickNBack.Api.Requests");
        app.Use(
            async (http, next) =>
            {
                var start = Stopwatch.GetTimestamp();
                try
                {
                    await next(http);
                }
                finally
                {
                    // Probes are marked by their endpoint: a path has many spellings.
                    if (http.GetEndpoint()?.Metadata.GetMetadata<IDisableHttpMetricsMetadata>() is null)
                    {
                        Answered(
                            logger,
                            http.Request.Method,
                            http.Request.Path,
                            http.Response.StatusCode,
                            Stopwatch.GetElapsedTime(start).TotalMilliseconds,
                            http.User.FindFirstValue(ClaimTypes.NameIdentifier)
                        );
                    }
                }
            }
        );
    }

    [LoggerMessage(LogLevel.Information, "{Method} {Path} answered {Status} in {Milliseconds:0.0} ms to {User}")]
    private static partial void Answered(
        ILogger logger,
        string method,
        string path,
        int status,
        double milliseconds,
        string? user
    );
}
