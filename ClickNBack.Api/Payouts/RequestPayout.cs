using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Idempotency;
using ClickNBack.Api.Ledger;
using ClickNBack.Api.Money;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ClickNBack.Api.Payouts;

/// <summary>A user withdraws cashback: the money leaves the available balance at once.</summary>
internal static class RequestPayout
{
    internal sealed record Request
    {
        /// <summary>EUR: above 0, at most 9999999999.99, at most two decimals.</summary>
        [Amount]
        public required decimal Amount { get; init; }

        public required PayoutMethod Method { get; init; }

        [DependsOn(nameof(Method))]
        public required PayoutDestination Details { get; init; }
    }

    public static async Task<Results<Created<RequestedPayoutResponse>, ApiError, ReplayedAnswer>> HandleAsync(
        Body<Request> body,
        IdempotencyKey key,
        Caller caller,
        ClickNBackDbContext db,
        IdempotentAttempts attempts,
        GeneralLedger ledger,
        AuditTrail audit,
        IOptions<PayoutOptions> policy,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        await using var attempt = await attempts.StartAsync(key, caller.Id, body.Bytes, cancel);
        if (attempt.Refusal is { } refusal)
        {
            return refusal;
        }

        if (attempt.Replay is { } replay)
        {
            return replay;
        }

        var request = body.Value;
        var amount = request.Amount;
        var transaction = await attempt.BeginTransactionAsync(cancel);
        var wallet = await ledger.LockWalletAsync(caller.Id, cancel); // from here on, nobody else withdraws from it
        var now = time.GetUtcNow();
        if (await ViolationsAsync(policy.Value, db, caller.Id, amount, now, cancel) is { Count: > 0 } violations)
        {
            return PayoutErrors.PolicyViolation.With(violations);
        }

        if (wallet.Available < amount)
        {
            return PayoutErrors.InsufficientBalance.With((amount, wallet.Available, wallet.Pending));
        }

        var payout = new Payout
        {
            Id = Guid.CreateVersion7(now),
            UserId = caller.Id,
            Amount = amount,
            Method = request.Method,
            Details = request.Details.ToJson(),
            RequestedAt = now,
        };
        db.Payouts.Add(payout);
        var log = audit.Record(
            Actor.Of(caller),
            AuditActions.WithdrawalRequested,
            "payout",
            payout.Id,
            new { amount = Euro.Text(amount), request.Method }
        );
        ledger.Request(payout, wallet, log);

        var answer = TypedResults.Created(
            $"/api/v1/users/me/payouts/{payout.Id}",
            new RequestedPayoutResponse(payout.Id, payout.Status, amount, now)
        );
        attempt.Keep(answer, answer.Value, answer.Location);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return answer;
    }

    private static async Task<List<string>> ViolationsAsync(
        PayoutOptions policy,
        ClickNBackDbContext db,
        Guid userId,
        decimal amount,
        DateTimeOffset now,
        CancellationToken cancel
    )
    {
        var violations = new List<string>();
        if (amount < policy.MinimumAmount)
        {
            violations.Add($"The smallest payout is {Euro.Text(policy.MinimumAmount)} EUR.");
        }

        if (policy is { WeeklyLimit: null, MonthlyLimit: null, HoursBetween: 0 })
        {
            return violations;
        }

        var payouts = db.Payouts.Where(it => it.UserId == userId && it.Status != PayoutStatus.Failed);
        var monthStart = new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero);
        await CheckLimitAsync(policy.WeeklyLimit, now.AddDays(-7), "in 7 days");
        await CheckLimitAsync(policy.MonthlyLimit, monthStart, "in a month");

        var earliest = now.AddHours(-policy.HoursBetween);
        if (await payouts.AnyAsync(it => it.RequestedAt > earliest, cancel))
        {
            violations.Add($"Payouts must be {policy.HoursBetween} hours apart.");
        }

        return violations;

        async Task CheckLimitAsync(decimal? limit, DateTimeOffset since, string period)
        {
            if (
                limit is { } most
                && await payouts.Where(it => it.RequestedAt >= since).SumAsync(it => it.Amount, cancel) + amount > most
            )
            {
                violations.Add($"At most {Euro.Text(most)} EUR can be withdrawn {period}.");
            }
        }
    }
}
