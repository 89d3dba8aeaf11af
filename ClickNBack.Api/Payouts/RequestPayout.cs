using System.Text;
using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Idempotency;
using ClickNBack.Api.Ledger;
using ClickNBack.Api.Money;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Npgsql;

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

    // The kind of the case of who wants the first payout before the account is old enough.
    private const string TooEarly = "payout_too_early";

    public static async Task<Results<Created<RequestedPayoutResponse>, ApiError, ReplayedResponse>> HandleAsync(
        Body<Request> body,
        IdempotencyKey key,
        Caller caller,
        IdempotentAttempts attempts,
        FieldEncryption encryption,
        PayoutMetrics metrics,
        AuditLogger audit,
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

        var amount = body.Value.Amount;
        var now = time.GetUtcNow();
        await attempt.BeginTransactionAsync(cancel);
        var fingerprints = encryption.Fingerprints(Payout.DestinationField, caller.Id, body.Value.Details.Identity);
        var (wallet, earlier) = await LockAsync(attempt, caller.Id, policy.Value, fingerprints, now, cancel);
        if (Violations(policy.Value, amount, earlier, now) is { Count: > 0 } violations)
        {
            if (violations.Count == 1 && IsTooEarly(policy.Value, earlier, now) && wallet.Available >= amount)
            {
                await OpenCaseAsync(attempt, caller.Id, now, cancel); // nothing else would have refused it
            }

            return PayoutErrors.PolicyViolation.With(violations);
        }

        if (wallet.Available < amount)
        {
            return PayoutErrors.InsufficientBalance.With((amount, wallet.Available, wallet.Pending));
        }

        var id = Guid.CreateVersion7(now);
        var payout = new Payout
        {
            Id = id,
            UserId = caller.Id,
            Amount = amount,
            Method = body.Value.Method,
            Destination = encryption.Encrypt(
                Payout.DestinationField,
                id,
                Encoding.UTF8.GetBytes(body.Value.Details.ToJson())
            ),
            DestinationFingerprint = fingerprints[0],
            HeldFor = ReasonToHold(policy.Value, amount, earlier),
            RequestedAt = now,
        };
        var ledger = new GeneralLedger();
        ledger.Request(payout, ledger.Audit(Requested(payout, Actor.Of(caller))));
        var answer = TypedResults.Created(
            $"/api/v1/users/me/payouts/{payout.Id}",
            new RequestedPayoutResponse(payout.Id, payout.Status, amount, now)
        );

        await using var batch = attempt.CreateBatch();
        batch.BatchCommands.Add(InsertOf(payout));
        ledger.AddTo(batch);
        attempt.Store(batch, answer, answer.Value, answer.Location);
        await batch.ExecuteNonQueryAsync(cancel);
        await attempt.CommitAsync(cancel);
        audit.Log(ledger.AuditLogs);
        metrics.Requested(payout);
        return answer;
    }

    /// <summary>The statement that writes a new payout.</summary>
    public static NpgsqlBatchCommand InsertOf(Payout payout)
    {
        var command = new NpgsqlBatchCommand(
            """
            INSERT INTO payouts (id, user_id, amount, method, destination, requested_at, destination_fingerprint, held_for)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """
        );
        command
            .Parameters.AddValue(payout.Id)
            .AddValue(payout.UserId)
            .AddValue(payout.Amount)
            .AddValue(Json.Name(payout.Method))
            .AddValue(payout.Destination)
            .AddValue(payout.RequestedAt)
            .AddValue(payout.DestinationFingerprint)
            .AddValue(payout.HeldFor is { } reason ? Json.Name(reason) : null);
        return command;
    }

    public static AuditLog Requested(Payout payout, Actor actor) =>
        AuditTrail.Row(
            payout.RequestedAt,
            actor,
            AuditActions.WithdrawalRequested,
            "payout",
            payout.Id,
            payout.HeldFor is null
                ? new { amount = Euro.Text(payout.Amount), payout.Method }
                : (object)
                    new
                    {
                        amount = Euro.Text(payout.Amount),
                        payout.Method,
                        payout.HeldFor,
                    }
        );

    private sealed record Earlier(
        decimal InAWeek,
        decimal InAMonth,
        bool TooRecent,
        bool WasPaid,
        bool WasPaidThere,
        DateTimeOffset RegisteredAt
    );

    // From here on, nobody else withdraws from the wallet: what was withdrawn earlier is asked after it is locked.
    private static async Task<(LockedWallet Wallet, Earlier Earlier)> LockAsync(
        IdempotentAttempt attempt,
        Guid userId,
        PayoutOptions policy,
        byte[][] fingerprints,
        DateTimeOffset now,
        CancellationToken cancel
    )
    {
        await using var batch = attempt.CreateBatch();
        batch.BatchCommands.Add(LockedWallet.Lock(userId));
        batch.Add(
            """
            SELECT coalesce(sum(amount) FILTER (WHERE requested_at >= $2), 0),
                   coalesce(sum(amount) FILTER (WHERE requested_at >= $3), 0),
                   coalesce(bool_or(requested_at > $4), false),
                   EXISTS (SELECT FROM payouts WHERE user_id = $1 AND status = 'completed'),
                   EXISTS (SELECT FROM payouts
                           WHERE user_id = $1 AND status = 'completed' AND destination_fingerprint = ANY ($5)),
                   (SELECT created_at FROM users WHERE id = $1)
            FROM payouts
            WHERE user_id = $1 AND status <> 'failed' AND requested_at >= least($2, $3, $4)
            """,
            it =>
                it.AddValue(userId)
                    .AddValue(now.AddDays(-7))
                    .AddValue(new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero))
                    .AddValue(now.AddHours(-policy.HoursBetween))
                    .AddValue(fingerprints)
        );
        await using var reader = await batch.ExecuteReaderAsync(cancel);
        var wallets = await reader.ReadAllAsync(LockedWallet.Read, cancel);
        var earlier = await reader.ReadAllAsync(
            row => new Earlier(
                row.GetDecimal(0),
                row.GetDecimal(1),
                row.GetBoolean(2),
                row.GetBoolean(3),
                row.GetBoolean(4),
                row.GetFieldValue<DateTimeOffset>(5)
            ),
            cancel
        );
        return (wallets[0], earlier[0]);
    }

    private static async Task OpenCaseAsync(
        IdempotentAttempt attempt,
        Guid userId,
        DateTimeOffset now,
        CancellationToken cancel
    )
    {
        await using var batch = attempt.CreateBatch();
        UserCase.AddTo(batch, TooEarly, userId, now);
        await batch.ExecuteNonQueryAsync(cancel);
        await attempt.CommitAsync(cancel);
    }

    private static HoldReason? ReasonToHold(PayoutOptions policy, decimal amount, Earlier earlier)
    {
        if (policy.ReviewAmount > 0 && amount > policy.ReviewAmount)
        {
            return HoldReason.Amount;
        }

        return policy.ReviewNewDestinations && earlier is { WasPaid: true, WasPaidThere: false }
            ? HoldReason.NewDestination
            : null;
    }

    private static bool IsTooEarly(PayoutOptions policy, Earlier earlier, DateTimeOffset now) =>
        policy.AccountAgeDays > 0 && !earlier.WasPaid && earlier.RegisteredAt > now.AddDays(-policy.AccountAgeDays);

    private static List<string> Violations(PayoutOptions policy, decimal amount, Earlier earlier, DateTimeOffset now)
    {
        var violations = new List<string>();
        if (amount < policy.MinimumAmount)
        {
            violations.Add($"The smallest payout is {Euro.Text(policy.MinimumAmount)} EUR.");
        }

        CheckLimit(policy.WeeklyLimit, earlier.InAWeek, "in 7 days");
        CheckLimit(policy.MonthlyLimit, earlier.InAMonth, "in a month");
        if (policy.HoursBetween > 0 && earlier.TooRecent)
        {
            violations.Add($"Payouts must be {policy.HoursBetween} hours apart.");
        }

        if (IsTooEarly(policy, earlier, now))
        {
            violations.Add($"The first payout can be requested {policy.AccountAgeDays} days after registration.");
        }

        return violations;

        void CheckLimit(decimal? limit, decimal withdrawn, string period)
        {
            if (limit is { } most && withdrawn + amount > most)
            {
                violations.Add($"At most {Euro.Text(most)} EUR can be withdrawn {period}.");
            }
        }
    }
}
