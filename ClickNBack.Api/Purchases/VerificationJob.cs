namespace ClickNBack.Api.Purchases;

/// <summary>
/// Verifies purchases for as long as the process runs: at once when one is recorded here, when an attempt is due again,
/// and at every interval for what other processes left behind.
/// </summary>
internal sealed class VerificationJob(
    VerificationRound round,
    VerificationSignal signal,
    TimeProvider time,
    ILogger<VerificationJob> logger
) : BackgroundService
{
    // While one waits for the database, the others compute; more would only wait for each other's wallets.
    private const int RoundsAtOnce = 4;

    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var taken = await round.RunAsync(stoppingToken);
                if (taken == VerificationRound.BatchSize)
                {
                    await ClearBacklogAsync(stoppingToken);
                }
                else if (taken == 0)
                {
                    await signal.WaitAsync(await round.UntilNextAsync(stoppingToken), stoppingToken);
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
                while (await round.RunAsync(cancel) == VerificationRound.BatchSize)
                {
                    // There is more.
                }
            }
        );
}
