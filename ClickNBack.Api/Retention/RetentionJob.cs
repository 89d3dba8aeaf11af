using System.Diagnostics;
using ClickNBack.Api.Idempotency;
using ClickNBack.Api.Persistence;
using Npgsql;

namespace ClickNBack.Api.Retention;

/// <summary>
/// Deletes what has had its time, every hour, in batches that commit by themselves; in any number of processes, which pass
/// each other by. The database's function <c>delete_expired</c> does it, which deletes nothing that is of use.
/// </summary>
internal sealed class RetentionJob(
    NpgsqlDataSource database,
    RetentionOptions options,
    TimeProvider time,
    ILogger<RetentionJob> logger
) : BackgroundService
{
    private const int BatchSize = 1_000;
    private const int BatchesARound = 100; // what is left waits for the next one

    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private static readonly ActivitySource Spans = new("ClickNBack.Retention");

    private readonly (string Table, TimeSpan Age)[] _rules =
    [
        ("idempotency_keys", IdempotentAttempts.Retention),
        ("money_checks", TimeSpan.FromDays(30)),
        ("refresh_tokens", TimeSpan.FromDays(options.RefreshTokenDays)),
    ];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            foreach (var (table, age) in _rules)
            {
                try
                {
                    await DeleteAsync(table, age, stoppingToken);
                }
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
                {
                    logger.LogError(exception, "What is too old in {Table} could not be deleted", table);
                }
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task DeleteAsync(string table, TimeSpan age, CancellationToken cancel)
    {
        using var span = Spans.StartActivity($"delete expired {table}");
        var (all, batches, last) = (0L, 0, (long)BatchSize);
        for (; last == BatchSize && batches < BatchesARound; batches++)
        {
            await using var command = database.CreateCommand("SELECT delete_expired($1, $2, $3)");
            command.Parameters.AddValue(table).AddValue(time.GetUtcNow() - age).AddValue(BatchSize);
            last = (long)(await command.ExecuteScalarAsync(cancel))!;
            all += last;
        }

        if (all > 0)
        {
            logger.LogInformation("Deleted {Count} rows of {Table} that were older than {Age}", all, table, age);
        }
    }
}
