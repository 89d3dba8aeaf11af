using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Ledger;
using ClickNBack.Api.Money;
using ClickNBack.Api.Persistence;
using Npgsql;

namespace ClickNBack.Api.Payouts;

/// <summary>What an administrator may set a payout to.</summary>
internal enum PayoutStep
{
    /// <summary>On its way.</summary>
    Processing,

    Completed,

    Failed,
}

/// <summary>What an administrator decides about a payout.</summary>
/// <param name="Step">What it becomes.</param>
/// <param name="Reference">The payment provider's reference of a completed one.</param>
/// <param name="Reason">Why one failed, for the audit log.</param>
internal sealed record PayoutDecision(PayoutStep Step, string? Reference = null, string? Reason = null);

/// <summary>
/// Processes payouts: requested → (processing →) completed or failed. A failed one gives the money back, a completed one counts
/// as paid; both are final.
/// </summary>
internal sealed class PayoutProcessing(NpgsqlDataSource database, AuditLogger audit, TimeProvider time)
{
    /// <summary>Takes the step, exactly once whoever else decides; answers what the payout has become, or why it has not.</summary>
    public async Task<(PayoutStatus Status, ApiError? Refusal)> ProcessAsync(
        Guid id,
        PayoutDecision decision,
        Actor actor,
        CancellationToken cancel
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        if (await LockAsync(transaction, id, cancel) is not var (payout, wallet))
        {
            return (default, PayoutErrors.NotFound.With($"{id}"));
        }

        var wanted = StatusAfter(decision.Step);
        if (!IsStep(payout.Status, wanted))
        {
            return (payout.Status, PayoutErrors.InvalidTransition.With((id, payout.Status, wanted)));
        }

        if (payout.HeldFor is { } reason && !IsStepOfHeld(reason, wanted))
        {
            return (payout.Status, PayoutErrors.Held.With((id, reason)));
        }

        var ledger = new GeneralLedger();
        var log = ledger.Audit(Processed(payout, wanted, actor, time.GetUtcNow(), decision.Reference, decision.Reason));
        await using var batch = new NpgsqlBatch(connection, transaction);
        switch (wanted)
        {
            case PayoutStatus.Completed:
                ledger.Complete(payout, log);
                break;
            case PayoutStatus.Failed:
                ledger.Fail(payout, wallet, log);
                break;
            default: // moves nothing, so nothing follows from a transfer
                batch.Add("UPDATE payouts SET status = 'processing' WHERE id = $1", it => it.AddValue(id));
                break;
        }

        ledger.AddTo(batch);
        if (decision.Reference is { } reference)
        {
            batch.Add(
                "UPDATE payouts SET external_reference = $2 WHERE id = $1",
                it => it.AddValue(id).AddValue(reference)
            );
        }

        await batch.ExecuteNonQueryAsync(cancel);
        await transaction.CommitAsync(cancel);
        audit.Log(ledger.AuditLogs);
        return (wanted, null);
    }

    /// <summary>Lets a held payout go on, exactly once whoever else releases or decides it; answers where it stands.</summary>
    public async Task<(PayoutStatus Status, ApiError? Refusal)> ReleaseAsync(
        Guid id,
        Actor administrator,
        CancellationToken cancel
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        if (await LockAsync(transaction, id, cancel) is not var (payout, _))
        {
            return (default, PayoutErrors.NotFound.With($"{id}"));
        }

        if (payout is not { HeldFor: { } reason, Status: PayoutStatus.Requested or PayoutStatus.Processing })
        {
            return (payout.Status, PayoutErrors.NotHeld.With(id));
        }

        var log = AuditTrail.Row(
            time.GetUtcNow(),
            administrator,
            AuditActions.WithdrawalReleased,
            "payout",
            id,
            new { amount = Euro.Text(payout.Amount), held_for = reason }
        );
        await using var batch = new NpgsqlBatch(connection, transaction);
        batch.BatchCommands.Add(AuditTrail.Insert([log]));
        batch.Add("SELECT release_payout($1, $2)", it => it.AddValue(id).AddValue(log.Id));
        await batch.ExecuteNonQueryAsync(cancel);
        await transaction.CommitAsync(cancel);
        audit.Log([log]);
        return (payout.Status, null);
    }

    /// <summary>The audit row of a step.</summary>
    public static AuditLog Processed(
        Payout payout,
        PayoutStatus status,
        Actor actor,
        DateTimeOffset now,
        string? reference = null,
        string? reason = null
    )
    {
        var details = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["prior_status"] = payout.Status,
            ["status"] = status,
            ["amount"] = Euro.Text(payout.Amount),
        };
        if (reference is not null)
        {
            details["external_reference"] = reference;
        }

        if (reason is not null)
        {
            details["reason"] = reason;
        }

        return AuditTrail.Row(now, actor, AuditActions.WithdrawalProcessed, "payout", payout.Id, details);
    }

    // Without where it goes to: that is nobody's business here.
    private static async Task<(Payout Payout, LockedWallet Wallet)?> LockAsync(
        NpgsqlTransaction transaction,
        Guid id,
        CancellationToken cancel
    )
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        batch.Add(
            "SELECT user_id, amount, status, method, requested_at, held_for FROM payouts WHERE id = $1 FOR NO KEY UPDATE",
            it => it.AddValue(id)
        );
        batch.BatchCommands.Add(
            LockedWallet.Lock("ARRAY(SELECT user_id FROM payouts WHERE id = $1)", it => it.AddValue(id))
        );
        await using var reader = await batch.ExecuteReaderAsync(cancel);
        var payouts = await reader.ReadAllAsync(
            row => new Payout
            {
                Id = id,
                UserId = row.GetGuid(0),
                Amount = row.GetDecimal(1),
                Status = row.GetChoice<PayoutStatus>(2),
                Method = row.GetChoice<PayoutMethod>(3),
                RequestedAt = row.GetFieldValue<DateTimeOffset>(4),
                HeldFor = row.IsDBNull(5) ? null : row.GetChoice<HoldReason>(5),
            },
            cancel
        );
        var wallets = await reader.ReadAllAsync(LockedWallet.Read, cancel);
        return payouts is [var payout] ? (payout, wallets[0]) : null;
    }

    private static PayoutStatus StatusAfter(PayoutStep step) =>
        step switch
        {
            PayoutStep.Processing => PayoutStatus.Processing,
            PayoutStep.Completed => PayoutStatus.Completed,
            PayoutStep.Failed => PayoutStatus.Failed,
        };

    // Whoever is not to be paid is not paid, held or not; and what the bank has paid before a restore, it has paid.
    private static bool IsStepOfHeld(HoldReason reason, PayoutStatus to) =>
        to == PayoutStatus.Failed || (reason == HoldReason.Restore && to == PayoutStatus.Completed);

    private static bool IsStep(PayoutStatus from, PayoutStatus to) =>
        (from, to) switch
        {
            (PayoutStatus.Requested, PayoutStatus.Processing) => true,
            (PayoutStatus.Requested or PayoutStatus.Processing, PayoutStatus.Completed or PayoutStatus.Failed) => true,
            _ => false,
        };
}
