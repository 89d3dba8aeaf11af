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
    public static IEndpointRouteBuilder MapHealthEndpoints(this IEndpointRouteBuilder endpoints)
    {
        Map(endpoints, ["/health", "/health/live"], _ => Task.FromResult((200, "alive")));
        return endpoints.MapReadiness("/ready", "/health/ready");
    }

    /// <summary>The readiness answer of <see cref="MapHealthEndpoints"/> at further paths.</summary>
    public static IEndpointRouteBuilder MapReadiness(this IEndpointRouteBuilder endpoints, params string[] paths)
    {
        Map(
            endpoints,
            paths,
            async services =>
                await services.GetRequiredService<Readiness>().IsReadyAsync() ? (200, "ready") : (503, "unavailable")
        );
        return endpoints;
    }

    internal static void AddHealth(this IHostApplicationBuilder builder)
    {
        builder.Services.AddHealthChecks();
        builder.Services.AddSingleton<Readiness>();
    }

    private static void Map(
        IEndpointRouteBuilder endpoints,
        string[] paths,
        Func<IServiceProvider, Task<(int Status, string Word)>> answer
    )
    {
        foreach (var path in paths)
        {
            endpoints
                .MapMethods(
                    path,
                    [HttpMethods.Get, HttpMethods.Head],
                    async (HttpContext http) =>
                    {
                        RequestSpans.Discard(Activity.Current);
                        var (status, word) = await answer(http.RequestServices);
                        http.Response.Headers.CacheControl = "no-store";
                        return Results.Text($$"""{"status":"{{word}}"}""", "application/json", statusCode: status);
                    }
                )
                .AllowAnonymous()
                .DisableRateLimiting()
                .DisableHttpMetrics()
                .ExcludeFromDescription();
        }
    }
}

/// <summary>Runs the readiness checks; probes that come while they run share the answer.</summary>
internal sealed class Readiness(HealthCheckService checks, Drain drain, TimeProvider clock, ILogger<Readiness> logger)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private Task<bool>? _running;
    private bool _wasReady = true; // so that a first success says nothing and a first failure does

    public async Task<bool> IsReadyAsync()
    {
        if (drain.IsDraining)
        {
            return false;
        }

        Task<bool> running;
        lock (_lock)
        {
            if (_running is null or { IsCompleted: true })
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
            problem = Describe(report);
        }
        catch (OperationCanceledException)
        {
            problem = $"no answer within {Limit.TotalSeconds} s";
        }

        LogChange(problem);
        return problem is null;
    }

    private static string? Describe(HealthReport report) =>
        report.Status == HealthStatus.Healthy
            ? null
            : string.Join(
                "; ",
                report
                    .Entries.Where(entry => entry.Value.Status != HealthStatus.Healthy)
                    .Select(entry =>
                        $"{entry.Key}: {entry.Value.Exception?.Message ?? entry.Value.Description ?? $"{entry.Value.Status}"}"
                    )
            );

    private void LogChange(string? problem)
    {
        var isReady = problem is null;
        if (isReady == _wasReady)
        {
            return;
        }

        _wasReady = isReady;
        if (isReady)
        {
            logger.LogInformation("Ready again");
        }
        else
        {
            logger.LogWarning("Not ready: {Problem}", problem);
        }
    }
}
