using System.Diagnostics;
using System.Diagnostics.Metrics;
using ClickNBack.Api.Idempotency;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Purchases;
using ClickNBack.Api.Reports;
using Npgsql;

namespace ClickNBack.Api.Retention;

/// <summary>
/// Deletes what has had its time, every hour, in batches that commit by themselves; in any number of processes, which pass
/// each other by. The database's function <c>delete_expired</c> does it, which deletes nothing that is of use. The meter
/// <c>ClickNBack.Retention</c> tells when that last went well.
/// </summary>
internal sealed class RetentionJob : BackgroundService
{
    private const int BatchSize = 1_000;
    private const int BatchesARound = 100; // what is left waits for the next one

    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private static readonly ActivitySource Spans = new("ClickNBack.Retention");

    private readonly (string Table, TimeSpan Age)[] _rules;
    private readonly NpgsqlDataSource _database;
    private readonly TimeProvider _time;
    private readonly ILogger<RetentionJob> _logger;
    private long _lastDone;

    public RetentionJob(
        NpgsqlDataSource database,
        RetentionOptions options,
        IMeterFactory meters,
        TimeProvider time,
        ILogger<RetentionJob> logger
    )
    {
        (_database, _time, _logger) = (database, time, logger);
        _lastDone = time.GetTimestamp();
        _rules =
        [
            ("idempotency_keys", IdempotentAttempts.Retention),
            ("daily_claims", DailyClaims.Retention),
            ("money_checks", TimeSpan.FromDays(30)),
            ("report_file_rows", ReportFiles.Retention),
            ("report_file_errors", ReportFiles.Retention),
            ("refresh_tokens", TimeSpan.FromDays(options.RefreshTokenDays)),
        ];
        meters
            .Create("ClickNBack.Retention")
            .CreateObservableGauge<double>(
                "clicknback.retention.age",
                () => _time.GetElapsedTime(_lastDone).TotalSeconds,
                "s",
                "Since what had had its time was deleted from every table, or this process started."
            );
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        do
        {
            var failures = 0;
            foreach (var (table, age) in _rules)
            {
                try
                {
                    await DeleteAsync(table, age, stoppingToken);
                }
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
                {
                    failures++;
                    _logger.LogError(exception, "What is too old in {Table} could not be deleted", table);
                }
            }

            if (failures == 0)
            {
                _lastDone = _time.GetTimestamp();
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task DeleteAsync(string table, TimeSpan age, CancellationToken cancel)
    {
        using var span = Spans.StartActivity($"delete expired {table}");
        var (all, batches, last) = (0L, 0, (long)BatchSize);
        for (; last == BatchSize && batches < BatchesARound; batches++)
        {
            await using var command = _database.CreateCommand("SELECT delete_expired($1, $2, $3)");
            command.Parameters.AddValue(table).AddValue(_time.GetUtcNow() - age).AddValue(BatchSize);
            last = (long)(await command.ExecuteScalarAsync(cancel))!;
            all += last;
        }

        if (all > 0)
        {
            _logger.LogInformation("Deleted {Count} rows of {Table} that were older than {Age}", all, table, age);
        }
    }
}
