using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Ledger;
using ClickNBack.Api.Money;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Payouts;

/// <summary>What an administrator may set a payout to.</summary>
internal enum PayoutStep
{
    /// <summary>On its way.</summary>
    Processing,

    /// <summary>Paid.</summary>
    Completed,

    /// <summary>Not paid.</summary>
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
        ClickNBackDbContext db,
        GeneralLedger ledger,
        AuditTrail audit,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        if (!Ids.TryParse(id, out var payoutId))
        {
            return PayoutErrors.NotFound.With(id);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var payout = await db
            .Payouts.FromSql($"SELECT * FROM payouts WHERE id = {payoutId} FOR NO KEY UPDATE")
            .SingleOrDefaultAsync(cancel);
        if (payout is null)
        {
            return PayoutErrors.NotFound.With(id);
        }

        var prior = payout.Status;
        var wanted = StatusAfter(body.Value.Status);
        if (!IsStep(prior, wanted))
        {
            return PayoutErrors.InvalidTransition.With((payoutId, prior, wanted));
        }

        var wallet = await ledger.LockWalletAsync(payout.UserId, cancel);
        var log = audit.Record(
            Actor.Of(caller),
            AuditActions.WithdrawalProcessed,
            "payout",
            payoutId,
            new
            {
                prior_status = prior,
                status = wanted,
                amount = Euro.Text(payout.Amount),
            }
        );
        payout.Status = wanted;
        payout.ProcessedAt = wanted == PayoutStatus.Processing ? null : time.GetUtcNow();
        switch (wanted)
        {
            case PayoutStatus.Completed:
                ledger.Complete(payout, wallet, log);
                break;
            case PayoutStatus.Failed:
                ledger.Fail(payout, wallet, log);
                break;
        }

        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return TypedResults.Ok(new PayoutStatusResponse(payoutId, wanted));
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
