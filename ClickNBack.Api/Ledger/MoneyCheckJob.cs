using System.Diagnostics;
using System.Diagnostics.Metrics;
using ClickNBack.Api.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ClickNBack.Api.Ledger;

/// <summary>
/// Sees to it that the money invariants are asked every now and then, by one of any number of processes, and lets each of them
/// show the answer as metrics of the meter <c>ClickNBack.Ledger</c>.
/// </summary>
internal sealed class MoneyCheckJob : BackgroundService
{
    private static readonly ActivitySource Spans = new("ClickNBack.Ledger");

    private readonly IServiceScopeFactory _scopes;
    private readonly TimeProvider _time;
    private readonly ILogger<MoneyCheckJob> _logger;
    private readonly TimeSpan _interval;
    private readonly DateTimeOffset _startedAt;
    private readonly Counter<long> _failures;
    private MoneyCheck? _last;

    public MoneyCheckJob(
        IServiceScopeFactory scopes,
        IOptions<LedgerOptions> options,
        IMeterFactory meters,
        TimeProvider time,
        ILogger<MoneyCheckJob> logger
    )
    {
        (_scopes, _time, _logger) = (scopes, time, logger);
        _startedAt = time.GetUtcNow();
        _interval = TimeSpan.FromSeconds(options.Value.CheckIntervalSeconds);
        var meter = meters.Create("ClickNBack.Ledger");
        meter.CreateObservableGauge<long>(
            "clicknback.ledger.violations",
            Violations,
            "{violation}",
            "Violations of money invariants at the last check: anything but 0 is wrong."
        );
        meter.CreateObservableGauge<double>(
            "clicknback.ledger.check.age",
            Age,
            "s",
            "Since the money invariants were asked, or this process started if it knows of no answer."
        );
        _failures = meter.CreateCounter<long>(
            "clicknback.ledger.check.failures",
            "{attempt}",
            "Attempts to ask the money invariants that failed by error."
        );
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Looks more often than it asks: who is asked a moment before the interval is over answers only at the next look.
        using var timer = new PeriodicTimer(_interval / 10, _time);
        do
        {
            try
            {
                await CheckAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                _failures.Add(1);
                _logger.LogWarning(exception, "The money invariants could not be asked; the next attempt follows");
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private IEnumerable<Measurement<long>> Violations() =>
        _last is { } last ? [new(last.ViolationsByInvariant().Values.Sum())] : [];

    private double Age() => (_time.GetUtcNow() - (_last?.CheckedAt ?? _startedAt)).TotalSeconds;

    private async Task CheckAsync(CancellationToken cancel)
    {
        using var span = Spans.StartActivity("check money");
        await using var scope = _scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ClickNBackDbContext>();
        db.Database.SetCommandTimeout(0);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.Database.ExecuteSqlAsync($"SET LOCAL statement_timeout = 0", cancel); // nobody waits for it
        var asked = await db
            .Database.SqlQuery<bool>($"""SELECT check_money({_interval}) AS "Value" """)
            .SingleAsync(cancel);
        await transaction.CommitAsync(cancel);

        _last = await db.MoneyChecks.AsNoTracking().OrderByDescending(it => it.CheckedAt).FirstOrDefaultAsync(cancel);
        if (asked && _last is { } last)
        {
            Log(last);
        }
    }

    private void Log(MoneyCheck check)
    {
        foreach (var (invariant, violations) in check.ViolationsByInvariant().Where(it => it.Value != 0))
        {
            _logger.LogCritical("Money is wrong: {Invariant} is violated {Violations} times", invariant, violations);
        }

        _logger.LogInformation("The money invariants were asked, which took {Seconds} s", check.Took.TotalSeconds);
    }
}
