using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace ClickNBack.ServiceDefaults;

/// <summary>How the program calls what may be slow, down or overloaded.</summary>
public static class ResilienceExtensions
{
    /// <summary>
    /// Adds a pipeline for calls that may be repeated, injectable as keyed <see cref="ResiliencePipeline"/>: 30 s for
    /// the call, up to 3 retries with jittered exponential pauses, a circuit breaker, 10 s for an attempt. A call must
    /// hand on the token it is given, or the timeouts cannot cut it short. Polly counts and logs what the pipeline does.
    /// </summary>
    public static IServiceCollection AddOutgoingPipeline(this IServiceCollection services, string name) =>
        services.AddResiliencePipeline(
            name,
            (pipeline, context) =>
            {
                var isTransient = new PredicateBuilder()
                    .Handle<HttpRequestException>()
                    .Handle<IOException>()
                    .Handle<TimeoutException>()
                    .Handle<TimeoutRejectedException>();
                pipeline.TimeProvider = context.ServiceProvider.GetRequiredService<TimeProvider>();
                pipeline
                    .AddTimeout(TimeSpan.FromSeconds(30))
                    .AddRetry(
                        new RetryStrategyOptions
                        {
                            ShouldHandle = isTransient,
                            MaxRetryAttempts = 3,
                            BackoffType = DelayBackoffType.Exponential,
                            UseJitter = true,
                            Delay = TimeSpan.FromMilliseconds(500),
                            MaxDelay = TimeSpan.FromSeconds(5),
                        }
                    )
                    .AddCircuitBreaker(
                        new CircuitBreakerStrategyOptions
                        {
                            ShouldHandle = isTransient,
                            FailureRatio = 0.5,
                            MinimumThroughput = 20,
                            SamplingDuration = TimeSpan.FromSeconds(30),
                            BreakDuration = TimeSpan.FromSeconds(10),
                        }
                    )
                    .AddTimeout(TimeSpan.FromSeconds(10));
            }
        );
}
