using ClickNBack.Api.Persistence;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Idempotency;

/// <summary>Deletes stored responses after their time, every hour. In any number of processes.</summary>
internal sealed class IdempotencyCleanup(
    IServiceScopeFactory scopes,
    TimeProvider time,
    ILogger<IdempotencyCleanup> logger
) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            try
            {
                await ForgetAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogWarning(
                    exception,
                    "Forgetting old idempotency keys failed; the next attempt follows in an hour"
                );
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task ForgetAsync(CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ClickNBackDbContext>();
        var limit = time.GetUtcNow() - IdempotentAttempts.Retention;
        var forgotten = await db.StoredResponses.Where(it => it.CreatedAt <= limit).ExecuteDeleteAsync(cancel);
        logger.LogDebug("Forgot {Count} idempotency keys", forgotten);
    }
}
