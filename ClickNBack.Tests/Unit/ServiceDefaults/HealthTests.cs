using System.Net;
using ClickNBack.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace ClickNBack.Tests.Unit.ServiceDefaults;

public sealed class HealthTests
{
    [Theory]
    [InlineData("Production", "/health", "alive")]
    [InlineData("Production", "/health/live", "alive")]
    [InlineData("Production", "/ready", "ready")]
    [InlineData("Production", "/health/ready", "ready")]
    [InlineData("Development", "/health", "alive")]
    [InlineData("Development", "/ready", "ready")]
    public async Task A_healthy_program_says_so_in_every_environment(string environment, string path, string word)
    {
        await using var app = await StartAsync(Programs.Web(environment, ("Shutdown:DrainSeconds", "0")));
        using var client = new HttpClient { BaseAddress = app.Address() };

        using var response = await client.GetAsync(path);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal($$"""{"status":"{{word}}"}""", await response.Content.ReadAsStringAsync());
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.True(response.Headers.CacheControl?.NoStore);
    }

    [Fact]
    public async Task A_failing_check_makes_it_unready_but_not_dead_and_nobody_learns_why()
    {
        await using var app = await StartAsync(
            WithCheck(() => throw new InvalidOperationException("secret host name"))
        );
        using var client = new HttpClient { BaseAddress = app.Address() };

        using var ready = await client.GetAsync("/ready");
        using var alive = await client.GetAsync("/health");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal("""{"status":"unavailable"}""", await ready.Content.ReadAsStringAsync());
        Assert.True(ready.Headers.CacheControl?.NoStore);
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
    }

    [Fact]
    public async Task The_reason_is_logged_once_for_each_change_of_state()
    {
        var result = HealthCheckResult.Unhealthy("no database");
        using var lines = new LogLines();
        var builder = WithCheck(() => Task.FromResult(result));
        builder.Logging.AddProvider(lines);
        await using var app = await StartAsync(builder);
        using var client = new HttpClient { BaseAddress = app.Address() };

        foreach (var next in (HealthCheckResult[])[result, result, HealthCheckResult.Healthy(), result])
        {
            result = next;
            (await client.GetAsync("/ready")).Dispose();
        }

        Assert.Equal(
            [
                (LogLevel.Warning, "Not ready: probe: no database"),
                (LogLevel.Information, "Ready again"),
                (LogLevel.Warning, "Not ready: probe: no database"),
            ],
            lines
                .All.Where(line =>
                    line.Category.Contains("Health", StringComparison.Ordinal)
                    || line.Category.EndsWith("Readiness", StringComparison.Ordinal)
                )
                .Select(line => (line.Level, line.Text))
        );
    }

    [Fact]
    public async Task A_check_that_does_not_answer_within_two_seconds_makes_it_unready()
    {
        var clock = new ManualClock();
        var never = new TaskCompletionSource<HealthCheckResult>();
        var builder = WithCheck(() => never.Task); // which does not look at the token
        builder.Services.AddSingleton<TimeProvider>(clock);
        await using var app = await StartAsync(builder);
        using var client = new HttpClient { BaseAddress = app.Address() };

        var probe = client.GetAsync("/ready");
        await Eventually.Holds(() => clock.HasTimer(TimeSpan.FromSeconds(2)));
        Assert.False(probe.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(2));

        using var response = await probe;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        never.SetResult(HealthCheckResult.Healthy());
    }

    [Fact]
    public async Task Probes_that_come_together_share_one_check()
    {
        var runs = 0;
        var answer = new TaskCompletionSource<HealthCheckResult>();
        var builder = WithCheck(() =>
        {
            Interlocked.Increment(ref runs);
            return answer.Task;
        });
        builder.Services.AddSingleton<TimeProvider>(new ManualClock());
        await using var app = await StartAsync(builder);
        var readiness = app.Services.GetRequiredService<Readiness>();

        var probes = Enumerable.Range(0, 50).Select(_ => readiness.IsReadyAsync()).ToArray();
        answer.SetResult(HealthCheckResult.Healthy());

        Assert.All(await Task.WhenAll(probes), Assert.True);
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task A_check_without_the_tag_does_not_decide()
    {
        var builder = Programs.Web();
        builder.Services.AddHealthChecks().AddCheck("other", () => HealthCheckResult.Unhealthy());
        await using var app = await StartAsync(builder);
        using var client = new HttpClient { BaseAddress = app.Address() };

        using var response = await client.GetAsync("/ready");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static WebApplicationBuilder WithCheck(Func<Task<HealthCheckResult>> check)
    {
        var builder = Programs.Web(("Shutdown:DrainSeconds", "0"));
        builder.Services.AddHealthChecks().AddAsyncCheck("probe", check, tags: [HealthExtensions.ReadyTag]);
        return builder;
    }

    private static async Task<WebApplication> StartAsync(WebApplicationBuilder builder)
    {
        builder.AddServiceDefaults();
        var app = builder.Build();
        app.MapHealthEndpoints();
        await app.StartAsync();
        return app;
    }
}
