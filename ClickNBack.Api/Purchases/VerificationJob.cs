using System.Diagnostics;

namespace ClickNBack.Api.Purchases;

/// <summary>
/// Lets purchases be verified for as long as the process runs: at once when there is something new here, when one is due,
/// and at every interval for what other processes left behind.
/// </summary>
internal sealed class VerificationJob(
    IVerificationRound round,
    VerificationSignal signal,
    VerificationOptions options,
    PurchaseMetrics metrics,
    TimeProvider time,
    ILogger<VerificationJob> logger
) : BackgroundService
{
    // While one waits for the database, the others compute; more would only wait for each other's wallets.
    private const int RoundsAtOnce = 4;

    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    private static readonly ActivitySource Spans = new("ClickNBack.Purchases");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Mode == VerificationMode.Simulated)
        {
            logger.LogWarning(
                "Verification is simulated: whoever claims a purchase gets its cashback, and nobody has verified anything"
            );
        }

        var cause = default(ActivityContext);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var taken = await RunAsync(cause, stoppingToken);
                cause = default;
                if (taken == IVerificationRound.BatchSize)
                {
                    await ClearBacklogAsync(stoppingToken);
                }
                else if (taken == 0)
                {
                    var wait = await round.UntilNextAsync(stoppingToken);
                    metrics.NextLook(time.GetUtcNow() + wait);
                    cause = await signal.WaitAsync(wait, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // Whatever it was, most likely the database: the job must outlive it.
                logger.LogError(exception, "A verification round failed; the next one follows");
                await Task.Delay(PauseAfterFailure, time, stoppingToken);
            }
        }
    }

    // Rounds of one process get along as those of many do: none claims what another has.
    private Task ClearBacklogAsync(CancellationToken stop) =>
        Parallel.ForAsync(
            0,
            RoundsAtOnce,
            stop,
            async (_, cancel) =>
            {
                while (await RunAsync(default, cancel) == IVerificationRound.BatchSize)
                {
                    // There is more.
                }
            }
        );

    // A trace of its own, since a round is of many purchases, linked to the request that woke it.
    private async Task<int> RunAsync(ActivityContext cause, CancellationToken stop)
    {
        using var span = Spans.StartActivity(
            "verify purchases",
            ActivityKind.Internal,
            parentContext: default,
            links: cause == default ? null : [new ActivityLink(cause)]
        );
        try
        {
            var taken = await round.RunAsync(stop);
            span?.SetTag("clicknback.purchases.taken", taken);
            return taken;
        }
        catch (Exception exception) when (!stop.IsCancellationRequested)
        {
            span?.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);
            throw;
        }
    }
}
