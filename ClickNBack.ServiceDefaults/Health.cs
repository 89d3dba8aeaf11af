using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ClickNBack.ServiceDefaults;

/// <summary>Whether the process is up, and whether it should get traffic; in every environment, for anybody.</summary>
public static class HealthExtensions
{
    /// <summary>Checks with this tag decide on readiness: <c>AddCheck&lt;T&gt;("name", tags: [HealthExtensions.ReadyTag])</c>.</summary>
    public const string ReadyTag = "ready";

    /// <summary>
    /// <c>/health</c> and <c>/health/live</c>: 200 while the process answers at all, without any I/O.
    /// <c>/ready</c> and <c>/health/ready</c>: 200 when every check tagged <see cref="ReadyTag"/> is healthy within 2 s
    /// and the program is not draining, else 503.
    /// </summary>
    public static void MapHealthEndpoints(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapProbe("/health", _ => Task.FromResult((200, "alive")));
        endpoints.MapProbe("/health/live", _ => Task.FromResult((200, "alive")));
        endpoints.MapReadiness("/ready");
        endpoints.MapReadiness("/health/ready");
    }

    /// <summary>The readiness answer of <see cref="MapHealthEndpoints"/> at another path.</summary>
    public static void MapReadiness(this IEndpointRouteBuilder endpoints, string path) =>
        endpoints.MapProbe(
            path,
            async services =>
                await services.GetRequiredService<Readiness>().IsReadyAsync() ? (200, "ready") : (503, "unavailable")
        );

    internal static void AddHealth(this IHostApplicationBuilder builder)
    {
        builder.Services.AddHealthChecks();
        builder.Services.AddSingleton<Readiness>();
    }

    private static void MapProbe(
        this IEndpointRouteBuilder endpoints,
        string path,
        Func<IServiceProvider, Task<(int Code, string Word)>> answer
    ) =>
        endpoints
            .MapMethods(
                path,
                [HttpMethods.Get, HttpMethods.Head],
                async (HttpContext http) =>
                {
                    Telemetry.Discard(Activity.Current);
                    http.Response.Headers.CacheControl = "no-store";
                    var (code, word) = await answer(http.RequestServices);
                    return Results.Text($$"""{"status":"{{word}}"}""", "application/json", statusCode: code);
                }
            )
            .AllowAnonymous()
            .DisableRateLimiting()
            .DisableHttpMetrics()
            .ExcludeFromDescription();
}

/// <summary>Runs the readiness checks; probes that come while they run share the answer.</summary>
internal sealed class Readiness(HealthCheckService checks, Drain drain, TimeProvider clock, ILogger<Readiness> logger)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private Task<bool> _running = Task.FromResult(true);
    private string? _problem;

    public async Task<bool> IsReadyAsync()
    {
        if (drain.IsDraining)
        {
            return false;
        }

        Task<bool> running;
        lock (_lock)
        {
            if (_running.IsCompleted)
            {
                _running = CheckAsync();
            }

            running = _running;
        }

        return await running && !drain.IsDraining;
    }

    private async Task<bool> CheckAsync()
    {
        using var limit = new CancellationTokenSource(Limit, clock);
        string? problem;
        try
        {
            var report = await checks
                .CheckHealthAsync(check => check.Tags.Contains(HealthExtensions.ReadyTag), limit.Token)
                .WaitAsync(limit.Token); // whether or not a check looks at the token
            problem = report.Status == HealthStatus.Healthy ? null : string.Join("; ", ProblemsIn(report));
        }
        catch (OperationCanceledException)
        {
            problem = $"no answer within {Limit.TotalSeconds} s";
        }

        LogChange(problem);
        return problem is null;
    }

    private static IEnumerable<string> ProblemsIn(HealthReport report) =>
        from entry in report.Entries
        let result = entry.Value
        where result.Status != HealthStatus.Healthy
        select $"{entry.Key}: {result.Exception?.Message ?? result.Description ?? $"{result.Status}"}";

    private void LogChange(string? problem)
    {
        if (problem is not null && _problem is null)
        {
            logger.LogWarning("Not ready: {Problem}", problem);
        }
        else if (problem is null && _problem is not null)
        {
            logger.LogInformation("Ready again");
        }

        _problem = problem;
    }
}
