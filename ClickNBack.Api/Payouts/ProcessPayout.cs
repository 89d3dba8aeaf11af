using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Ledger;
using ClickNBack.Api.Money;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;
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

/// <summary>
/// An administrator processes a payout: requested → (processing →) completed or failed. A failed one gives the money
/// back, a completed one counts as paid; both are final.
/// </summary>
internal static class ProcessPayout
{
    internal sealed record Request
    {
        public required PayoutStep Status { get; init; }
    }

    public static async Task<Results<Ok<PayoutStatusResponse>, ApiError>> HandleAsync(
        string id,
        Body<Request> body,
        Caller caller,
        NpgsqlDataSource database,
        AuditLogger audit,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        if (!Ids.TryParse(id, out var payoutId))
        {
            return PayoutErrors.NotFound.With(id);
        }

        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        if (await LockAsync(transaction, payoutId, cancel) is not var (payout, wallet))
        {
            return PayoutErrors.NotFound.With(id);
        }

        var wanted = StatusAfter(body.Value.Status);
        if (!IsStep(payout.Status, wanted))
        {
            return PayoutErrors.InvalidTransition.With((payoutId, payout.Status, wanted));
        }

        var ledger = new GeneralLedger();
        var log = ledger.Audit(Processed(payout, wanted, Actor.Of(caller), time.GetUtcNow()));
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
                batch.Add("UPDATE payouts SET status = 'processing' WHERE id = $1", it => it.AddValue(payoutId));
                break;
        }

        ledger.AddTo(batch);
        await batch.ExecuteNonQueryAsync(cancel);
        await transaction.CommitAsync(cancel);
        audit.Log(ledger.AuditLogs);
        return TypedResults.Ok(new PayoutStatusResponse(payoutId, wanted));
    }

    public static AuditLog Processed(Payout payout, PayoutStatus status, Actor actor, DateTimeOffset now) =>
        AuditTrail.Row(
            now,
            actor,
            AuditActions.WithdrawalProcessed,
            "payout",
            payout.Id,
            new
            {
                prior_status = payout.Status,
                status,
                amount = Euro.Text(payout.Amount),
            }
        );

    // Without where it goes to: that is nobody's business here.
    private static async Task<(Payout Payout, LockedWallet Wallet)?> LockAsync(
        NpgsqlTransaction transaction,
        Guid id,
        CancellationToken cancel
    )
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        batch.Add(
            "SELECT user_id, amount, status, method, requested_at FROM payouts WHERE id = $1 FOR NO KEY UPDATE",
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

    private static bool IsStep(PayoutStatus from, PayoutStatus to) =>
        (from, to) switch
        {
            (PayoutStatus.Requested, PayoutStatus.Processing) => true,
            (PayoutStatus.Requested or PayoutStatus.Processing, PayoutStatus.Completed or PayoutStatus.Failed) => true,
            _ => false,
        };
}
