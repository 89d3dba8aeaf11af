using ClickNBack.Api.Persistence;
using Npgsql;

namespace ClickNBack.Api.Payouts;

/// <summary>
/// Forgets where payouts went, some days after they ended, every hour and in batches. In any number of processes.
/// </summary>
internal sealed class DestinationErasure(
    NpgsqlDataSource database,
    PayoutOptions options,
    TimeProvider time,
    ILogger<DestinationErasure> logger
) : BackgroundService
{
    /// <summary>How many are forgotten in one transaction.</summary>
    public const int BatchSize = 1000;

    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            try
            {
                await RunAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogWarning(
                    exception,
                    "Forgetting where old payouts went failed; the next attempt follows in an hour"
                );
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Forgets all that are due; answers how many.</summary>
    public async Task<int> RunAsync(CancellationToken cancel)
    {
        var all = 0;
        int batch;
        do
        {
            await using var command = database.CreateCommand(
                """
                UPDATE payouts SET destination = NULL
                WHERE id IN (
                    SELECT id FROM payouts WHERE destination IS NOT NULL AND processed_at <= $1
                    ORDER BY processed_at LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED)
                """
            );
            command.Parameters.AddValue(time.GetUtcNow().AddDays(-options.DestinationDays)).AddValue(BatchSize);
            batch = await command.ExecuteNonQueryAsync(cancel);
            all += batch;
        } while (batch == BatchSize);

        logger.LogDebug("Forgot where {Count} payouts went", all);
        return all;
    }
}
