using ClickNBack.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace ClickNBack.Tests.Unit.ServiceDefaults;

public sealed class ResilienceTests : IDisposable
{
    private readonly ManualClock _clock = new();
    private readonly LogLines _lines = new();
    private int _attempts;

    public void Dispose() => _lines.Dispose();

    [Fact]
    public async Task A_transient_failure_is_tried_again_after_growing_pauses_and_logged()
    {
        var times = new List<DateTimeOffset>();
        await using var services = Services();

        var result = await Finish(
            Pipeline(services)
                .ExecuteAsync(_ =>
                {
                    times.Add(_clock.GetUtcNow());
                    return times.Count < 4 ? throw new TimeoutException("slow") : ValueTask.FromResult("verified");
                })
        );

        Assert.Equal("verified", result);
        Assert.Equal(4, times.Count);
        Assert.InRange(times[^1] - times[0], TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(15));
        Assert.Contains(_lines.All, it => it.Level == LogLevel.Warning && it.Text.Contains("OnRetry"));
    }

    [Fact]
    public async Task A_bug_is_not_tried_again()
    {
        await using var services = Services();

        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            Finish(Fail(services, new InvalidOperationException("bug")))
        );

        Assert.Equal(1, _attempts);
    }

    [Fact]
    public async Task Whoever_never_answers_costs_no_more_than_30_s()
    {
        await using var services = Services();
        var start = _clock.GetUtcNow();

        await Assert.ThrowsAsync<TimeoutRejectedException>(() =>
            Finish(
                Pipeline(services)
                    .ExecuteAsync<string>(async cancel =>
                    {
                        _attempts++;
                        await Task.Delay(Timeout.Infinite, cancel);
                        return "never";
                    }),
                TimeSpan.FromSeconds(10)
            )
        );

        Assert.Equal(TimeSpan.FromSeconds(30), _clock.GetUtcNow() - start);
        Assert.InRange(_attempts, 2, 3);
    }

    [Fact]
    public async Task Whoever_fails_all_the_time_is_left_alone_for_10_s()
    {
        await using var services = Services();
        while (!_lines.All.Any(it => it.Text.Contains("OnCircuitOpened")))
        {
            await Assert.ThrowsAnyAsync<Exception>(() => Finish(Fail(services, new IOException("down"))));
        }

        var attempts = _attempts;
        await Assert.ThrowsAsync<BrokenCircuitException>(() => Finish(Fail(services, new IOException("down"))));
        Assert.Equal(attempts, _attempts);

        _clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal("up", await Finish(Pipeline(services).ExecuteAsync(_ => ValueTask.FromResult("up"))));
    }

    private ServiceProvider Services()
    {
        var builder = Programs.Worker();
        builder.Services.AddSingleton<TimeProvider>(_clock);
        builder.AddServiceDefaults();
        builder.Services.AddOutgoingPipeline("bank");
        builder.Logging.AddProvider(_lines);
        return builder.Services.BuildServiceProvider();
    }

    private static ResiliencePipeline Pipeline(ServiceProvider services) =>
        services.GetRequiredKeyedService<ResiliencePipeline>("bank");

    private ValueTask<string> Fail(ServiceProvider services, Exception failure) =>
        Pipeline(services)
            .ExecuteAsync<string>(_ =>
            {
                _attempts++;
                throw failure;
            });

    // Lets the time of each pause pass (none is longer than 5 s, no timeout is shorter than 10 s) until the call is over.
    private Task<string> Finish(ValueTask<string> call) => Finish(call, TimeSpan.FromSeconds(5));

    private async Task<string> Finish(ValueTask<string> call, TimeSpan longest)
    {
        var running = call.AsTask();
        await Eventually.Holds(() =>
        {
            _clock.AdvanceToNext(longest);
            return running.IsCompleted;
        });
        return await running;
    }
}
