using System.Net;
using ClickNBack.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ClickNBack.Tests.Unit.ServiceDefaults;

public sealed class DrainTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task While_draining_it_is_unready_but_serves_old_and_new_connections_until_the_time_is_over(
        bool bySignal
    )
    {
        var clock = new ManualClock();
        var builder = Programs.Web(("Shutdown:DrainSeconds", "7"));
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddHostedService<Job>();
        builder.Services.AddSingleton<JobState>();
        builder.AddServiceDefaults();
        await using var app = builder.Build();
        app.MapHealthEndpoints();
        app.MapGet("/work", (HttpContext http) => http.Connection.Id);
        await app.StartAsync();
        using var keptAlive = new HttpClient { BaseAddress = app.Address() };
        var connection = await keptAlive.GetStringAsync("/work");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(keptAlive, "/ready"));

        // A signal stops the application first, which makes RunAsync stop the host.
        Task stopped;
        if (bySignal)
        {
            stopped = app.WaitForShutdownAsync();
            app.Lifetime.StopApplication();
        }
        else
        {
            stopped = app.StopAsync();
        }

        await Eventually.Holds(() => clock.HasTimer(TimeSpan.FromSeconds(7)));
        clock.Advance(TimeSpan.FromSeconds(6.9));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(keptAlive, "/ready"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(keptAlive, "/health/ready"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(keptAlive, "/health"));
        Assert.Equal(connection, await keptAlive.GetStringAsync("/work"));
        using (var fresh = new HttpClient { BaseAddress = app.Address() })
        {
            Assert.NotEqual(connection, await fresh.GetStringAsync("/work"));
        }

        Assert.False(app.Services.GetRequiredService<JobState>().WasStopped);
        Assert.False(stopped.IsCompleted);

        clock.Advance(TimeSpan.FromSeconds(0.1));
        await stopped.WaitAsync(Programs.Patience);

        Assert.True(app.Services.GetRequiredService<JobState>().WasStopped);
        using var late = new HttpClient { BaseAddress = app.Address() };
        await Assert.ThrowsAsync<HttpRequestException>(() => late.GetAsync("/work"));
    }

    [Fact]
    public async Task A_request_that_began_before_the_end_of_the_drain_is_answered()
    {
        var clock = new ManualClock();
        var builder = Programs.Web(("Shutdown:DrainSeconds", "7"));
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.AddServiceDefaults();
        await using var app = builder.Build();
        var arrived = new TaskCompletionSource();
        var finish = new TaskCompletionSource();
        app.MapGet(
            "/slow",
            async () =>
            {
                arrived.SetResult();
                await finish.Task;
                return "done";
            }
        );
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = app.Address() };
        var slow = client.GetStringAsync("/slow");
        await arrived.Task.WaitAsync(Programs.Patience);

        var stopped = app.StopAsync();
        await Eventually.Holds(() => clock.HasTimer(TimeSpan.FromSeconds(7)));
        clock.Advance(TimeSpan.FromSeconds(7));
        await Eventually.Holds(() => app.Lifetime.ApplicationStopping.IsCancellationRequested);
        finish.SetResult();

        Assert.Equal("done", await slow.WaitAsync(Programs.Patience));
        await stopped.WaitAsync(Programs.Patience);
    }

    [Theory]
    [InlineData("Production", null, 5)]
    [InlineData("Staging", null, 5)]
    [InlineData("Development", null, 0)]
    [InlineData("Development", "9", 9)]
    [InlineData("Production", "0", 0)]
    [InlineData("Production", "300", 300)]
    public async Task The_drain_is_followed_by_25_s_for_what_still_runs(string environment, string? given, int seconds)
    {
        var builder = Programs.Web(environment, given is null ? [] : [("Shutdown:DrainSeconds", given)]);
        builder.AddServiceDefaults();

        await using var app = builder.Build();

        Assert.Equal(TimeSpan.FromSeconds(seconds), app.Services.GetRequiredService<Drain>().Duration);
        Assert.Equal(
            TimeSpan.FromSeconds(seconds + 25),
            app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout
        );
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("301")]
    [InlineData("soon")]
    public void A_drain_outside_0_to_300_s_stops_the_start(string given)
    {
        var builder = Programs.Web(("Shutdown:DrainSeconds", given));
        builder.AddServiceDefaults();

        var error = Assert.Single(Programs.WhatIsWrongWith(() => (IDisposable)builder.Build()).Errors);

        Assert.Equal(
            $"Shutdown:DrainSeconds: given \"{given}\", expected a whole number from 0 to 300 (environment variable Shutdown__DrainSeconds)",
            error.ToString()
        );
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path)
    {
        using var response = await client.GetAsync(path);
        return response.StatusCode;
    }

    private sealed class JobState
    {
        public bool WasStopped { get; set; }
    }

    private sealed class Job(JobState state) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await Task.Delay(Timeout.Infinite, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            state.WasStopped = true;
        }
    }
}
