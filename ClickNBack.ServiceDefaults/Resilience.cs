using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Data.Common;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace ClickNBack.ServiceDefaults;

/// <summary>How patient the program is with what it calls. Section <c>Outgoing</c>.</summary>
public sealed record OutgoingOptions : IValidatableObject
{
    /// <summary>For the whole call with all its attempts, in seconds, 1 to 300.</summary>
    [Range(1, 300)]
    public int TotalSeconds { get; init; } = 30;

    /// <summary>For one attempt, in seconds, 1 to 300 and at most <see cref="TotalSeconds"/>.</summary>
    [Range(1, 300)]
    public int AttemptSeconds { get; init; } = 10;

    /// <summary>How often a failed call is tried again, 0 to 20.</summary>
    [Range(0, 20)]
    public int Retries { get; init; } = 3;

    /// <summary>The pause before the first retry, doubled at each and jittered, in milliseconds, 1 to 60 000.</summary>
    [Range(1, 60_000)]
    public int FirstPauseMilliseconds { get; init; } = 500;

    /// <summary>The longest pause, in seconds, 1 to 60. A server that asks for a longer one is not asked again.</summary>
    [Range(1, 60)]
    public int LongestPauseSeconds { get; init; } = 5;

    /// <summary>The share of failures that opens the circuit, in percent, 1 to 100.</summary>
    [Range(1, 100)]
    public int CircuitFailurePercent { get; init; } = 50;

    /// <summary>How many attempts within <see cref="CircuitWindowSeconds"/> make that share count, 2 to 10 000.</summary>
    [Range(2, 10_000)]
    public int CircuitMinimumAttempts { get; init; } = 20;

    /// <summary>The time over which attempts are counted, in seconds, 1 to 600.</summary>
    [Range(1, 600)]
    public int CircuitWindowSeconds { get; init; } = 30;

    /// <summary>How long calls are refused at once while the circuit is open, in seconds, 1 to 600.</summary>
    [Range(1, 600)]
    public int CircuitOpenSeconds { get; init; } = 10;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (AttemptSeconds > TotalSeconds)
        {
            yield return new ValidationResult($"at most TotalSeconds ({TotalSeconds})", [nameof(AttemptSeconds)]);
        }
    }
}

/// <summary>Total timeout, retries with exponential backoff and jitter, circuit breaker, attempt timeout.</summary>
public static class OutgoingPipeline
{
    /// <summary>
    /// A pipeline for calls that may be repeated. Keep it: it remembers the state of its circuit.
    /// Its callback must hand on the token it is given, or the timeouts cannot cut it short.
    /// </summary>
    /// <param name="name">What is called, for metrics and logs.</param>
    /// <param name="options">Its patience.</param>
    /// <param name="timeProvider">The clock of all pauses and timeouts.</param>
    /// <param name="logger">Where retries and the circuit's changes are written, if anywhere.</param>
    /// <param name="isTransient">Which failures are worth another attempt; by default <see cref="IsTransient"/>.</param>
    public static ResiliencePipeline Create(
        string name,
        OutgoingOptions options,
        TimeProvider timeProvider,
        ILogger? logger = null,
        Func<Exception, bool>? isTransient = null
    )
    {
        isTransient ??= IsTransient;
        var builder = new ResiliencePipelineBuilder
        {
            Name = name,
            TimeProvider = timeProvider,
            TelemetryListener = new ResilienceEvents(logger),
        };
        builder.AddTimeout(Total(options));
        if (options.Retries > 0)
        {
            var retry = new RetryStrategyOptions();
            Fill(retry, options);
            retry.ShouldHandle = args => ValueTask.FromResult(args.Outcome.Exception is { } e && isTransient(e));
            builder.AddRetry(retry);
        }

        var circuit = new CircuitBreakerStrategyOptions();
        Fill(circuit, options);
        circuit.ShouldHandle = args => ValueTask.FromResult(args.Outcome.Exception is { } e && isTransient(e));
        return builder.AddCircuitBreaker(circuit).AddTimeout(Attempt(options)).Build();
    }

    /// <summary>The network, a timeout, or a database that says so itself.</summary>
    public static bool IsTransient(Exception exception) =>
        exception
            is HttpRequestException
                or TimeoutRejectedException
                or TimeoutException
                or IOException
                or SocketException
                or DbException { IsTransient: true };

    internal static TimeoutStrategyOptions Total(OutgoingOptions options) =>
        new() { Name = "Total timeout", Timeout = TimeSpan.FromSeconds(options.TotalSeconds) };

    internal static TimeoutStrategyOptions Attempt(OutgoingOptions options) =>
        new() { Name = "Attempt timeout", Timeout = TimeSpan.FromSeconds(options.AttemptSeconds) };

    internal static void Fill<T>(RetryStrategyOptions<T> retry, OutgoingOptions options)
    {
        retry.Name = "Retry";
        retry.MaxRetryAttempts = options.Retries;
        retry.BackoffType = DelayBackoffType.Exponential;
        retry.UseJitter = true;
        retry.Delay = TimeSpan.FromMilliseconds(options.FirstPauseMilliseconds);
        retry.MaxDelay = TimeSpan.FromSeconds(options.LongestPauseSeconds);
    }

    internal static void Fill<T>(CircuitBreakerStrategyOptions<T> circuit, OutgoingOptions options)
    {
        circuit.Name = "Circuit";
        circuit.FailureRatio = options.CircuitFailurePercent / 100.0;
        circuit.MinimumThroughput = options.CircuitMinimumAttempts;
        circuit.SamplingDuration = TimeSpan.FromSeconds(options.CircuitWindowSeconds);
        circuit.BreakDuration = TimeSpan.FromSeconds(options.CircuitOpenSeconds);
    }
}

internal static class ResilienceExtensions
{
    public static void AddOutgoingResilience(this IHostApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<OutgoingOptions>("Outgoing");
        builder.Services.AddSingleton<HttpPipelines>();
        builder.Services.AddTransient<ResilienceHandler>();
        builder.Services.ConfigureHttpClientDefaults(http => http.AddHttpMessageHandler<ResilienceHandler>());
    }
}

/// <summary>One pipeline for each server, so that a broken one does not close the circuit of another.</summary>
internal sealed class HttpPipelines(OutgoingOptions options, TimeProvider clock, ILogger<HttpPipelines> logger)
{
    /// <summary>Whether this request may be sent a second time.</summary>
    public static readonly ResiliencePropertyKey<bool> MayRetry = new("ClickNBack.MayRetry");

    private readonly ConcurrentDictionary<string, ResiliencePipeline<HttpResponseMessage>> _pipelines = new(
        StringComparer.OrdinalIgnoreCase
    );

    public ResiliencePipeline<HttpResponseMessage> For(Uri? address) =>
        _pipelines.GetOrAdd(address is { IsAbsoluteUri: true } ? address.Authority : "", Create);

    private ResiliencePipeline<HttpResponseMessage> Create(string server)
    {
        var builder = new ResiliencePipelineBuilder<HttpResponseMessage>
        {
            Name = server,
            TimeProvider = clock,
            TelemetryListener = new ResilienceEvents(logger),
        };
        builder.AddTimeout(OutgoingPipeline.Total(options));
        if (options.Retries > 0)
        {
            var retry = new RetryStrategyOptions<HttpResponseMessage>();
            OutgoingPipeline.Fill(retry, options);
            retry.ShouldHandle = args =>
                ValueTask.FromResult(
                    args.Context.Properties.GetValue(MayRetry, false)
                        && IsTransient(args.Outcome)
                        && !(PauseAskedBy(args.Outcome.Result) > retry.MaxDelay)
                );
            retry.DelayGenerator = args => ValueTask.FromResult(PauseAskedBy(args.Outcome.Result));
            builder.AddRetry(retry);
        }

        var circuit = new CircuitBreakerStrategyOptions<HttpResponseMessage>();
        OutgoingPipeline.Fill(circuit, options);
        circuit.ShouldHandle = args => ValueTask.FromResult(IsTransient(args.Outcome));
        return builder.AddCircuitBreaker(circuit).AddTimeout(OutgoingPipeline.Attempt(options)).Build();
    }

    private static bool IsTransient(Outcome<HttpResponseMessage> outcome) =>
        outcome.Exception is { } exception
            ? OutgoingPipeline.IsTransient(exception)
            : outcome.Result?.StatusCode
                is HttpStatusCode.RequestTimeout
                    or HttpStatusCode.TooManyRequests
                    or >= HttpStatusCode.InternalServerError;

    private TimeSpan? PauseAskedBy(HttpResponseMessage? response) =>
        response?.Headers.RetryAfter switch
        {
            { Delta: { } pause } => pause,
            { Date: { } date } when date - clock.GetUtcNow() is var pause && pause > TimeSpan.Zero => pause,
            _ => null,
        };
}

/// <summary>
/// Every <see cref="HttpClient"/> of the factory goes through here. Only requests that may be repeated are: idempotent
/// ones, or with an <c>Idempotency-Key</c>, and with content that can be sent again. Whatever the pipeline gives up on
/// is a <see cref="HttpRequestException"/>, like any other failure of a call.
/// </summary>
internal sealed class ResilienceHandler(HttpPipelines pipelines) : DelegatingHandler
{
    /// <summary>Longer content is not kept in memory for a second attempt. In bytes.</summary>
    private const long LongestBuffer = 1024 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        try
        {
            var mayRetry = IsIdempotent(request) && await CanBeSentAgainAsync(request.Content, cancellationToken);
            context.Properties.Set(HttpPipelines.MayRetry, mayRetry);
            return await pipelines
                .For(request.RequestUri)
                .ExecuteAsync(async attempt => await base.SendAsync(request, attempt.CancellationToken), context);
        }
        catch (ExecutionRejectedException exception)
        {
            throw new HttpRequestException($"{request.RequestUri?.Authority}: {exception.Message}", exception);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private static bool IsIdempotent(HttpRequestMessage request) =>
        request.Method == HttpMethod.Get
        || request.Method == HttpMethod.Head
        || request.Method == HttpMethod.Options
        || request.Method == HttpMethod.Put
        || request.Method == HttpMethod.Delete
        || request.Headers.Contains("Idempotency-Key");

    private static async ValueTask<bool> CanBeSentAgainAsync(HttpContent? content, CancellationToken cancellationToken)
    {
        if (content is null or ByteArrayContent or ReadOnlyMemoryContent or JsonContent)
        {
            return true;
        }

        if (content.Headers.ContentLength is not <= LongestBuffer)
        {
            return false;
        }

        await content.LoadIntoBufferAsync(LongestBuffer, cancellationToken);
        return true;
    }
}
