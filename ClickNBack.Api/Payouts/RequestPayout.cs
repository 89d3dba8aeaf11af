using System.Text.Json.Serialization;
using ClickNBack.Api.Audit;
using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Idempotency;
using ClickNBack.Api.Ledger;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ClickNBack.Api.Payouts;

/// <summary>A user withdraws cashback: the money leaves the available balance at once.</summary>
public static class RequestPayout
{
    /// <summary>What is asked.</summary>
    public sealed record Request(decimal Amount, PayoutMethod Method, string Destination) : IRequest<Request>
    {
        /// <inheritdoc/>
        public static Request Read(Fields fields)
        {
            var amount = fields.Amount("amount");
            var (method, destination) = fields.NestedBy<PayoutMethod, string>(
                "method",
                "details",
                PayoutDestination.Read,
                otherwise: "{}"
            );
            return new Request(amount, method, destination);
        }
    }

    /// <summary>The payout.</summary>
    /// <param name="Id">The identifier.</param>
    /// <param name="Status">Always requested.</param>
    /// <param name="Amount">EUR.</param>
    /// <param name="RequestedAt">When it was asked for, UTC.</param>
    public sealed record Response(
        Guid Id,
        PayoutStatus Status,
        [property: JsonConverter(typeof(MoneyText))] decimal Amount,
        DateTimeOffset RequestedAt
    );

    /// <summary>The handler.</summary>
    public static async Task<Results<Created<Response>, ApiError, ReplayedAnswer>> Handle(
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

        var (amount, method, destination) = body.Value;
        var transaction = await attempt.BeginTransactionAsync(cancel);
        var wallet = await ledger.LockWalletAsync(caller.Id, cancel); // from here on, nobody else withdraws from it
        var now = time.GetUtcNow();
        if (await ViolationsAsync(policy.Value, db, caller.Id, amount, now, cancel) is { Count: > 0 } violations)
        {
            return PayoutErrors.AgainstPolicy(violations);
        }

        if (wallet.Available < amount)
        {
            return PayoutErrors.NotCovered(amount, wallet.Available, wallet.Pending);
        }

        var payout = new Payout
        {
            Id = Guid.CreateVersion7(now),
            UserId = caller.Id,
            Amount = amount,
            Method = method,
            Details = destination,
            RequestedAt = now,
        };
        db.Payouts.Add(payout);
        var log = audit.Record(
            Actor.Of(caller),
            AuditActions.WithdrawalRequested,
            "payout",
            payout.Id,
            new { amount = Money.Text(amount), method }
        );
        ledger.Request(payout, wallet, log);

        var answer = TypedResults.Created(
            $"/api/v1/users/me/payouts/{payout.Id}",
            new Response(payout.Id, payout.Status, amount, now)
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
            violations.Add($"The smallest payout is {Money.Text(policy.MinimumAmount)} EUR.");
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
                violations.Add($"At most {Money.Text(most)} EUR can be withdrawn {period}.");
            }
        }
    }
}
