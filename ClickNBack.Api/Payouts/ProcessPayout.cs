using ClickNBack.Api.Audit;
using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Ledger;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Payouts;

/// <summary>
/// An administrator takes a payout along: requested → (processing →) completed or failed. A failed one gives the money
/// back, a completed one counts as paid; both are final.
/// </summary>
public static class ProcessPayout
{
    /// <summary>What is asked.</summary>
    public sealed record Request(PayoutStatus Status) : IRequest<Request>
    {
        /// <inheritdoc/>
        public static Request Read(Fields fields) =>
            new(fields.Choice("status", PayoutStatus.Processing, PayoutStatus.Completed, PayoutStatus.Failed));
    }

    /// <summary>The payout's status now.</summary>
    /// <param name="Id">The payout.</param>
    /// <param name="Status">Its status.</param>
    public sealed record Response(Guid Id, PayoutStatus Status);

    /// <summary>The handler.</summary>
    public static async Task<Results<Ok<Response>, ApiError>> Handle(
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
            return PayoutErrors.Unknown(id);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var payout = await db
            .Payouts.FromSql($"SELECT * FROM payouts WHERE id = {payoutId} FOR NO KEY UPDATE")
            .SingleOrDefaultAsync(cancel);
        if (payout is null)
        {
            return PayoutErrors.Unknown(id);
        }

        var prior = payout.Status;
        var wanted = body.Value.Status;
        if (!IsStep(prior, wanted))
        {
            return PayoutErrors.CannotBecome(payoutId, prior, wanted);
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
                amount = Money.Text(payout.Amount),
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
        return TypedResults.Ok(new Response(payoutId, wanted));
    }

    private static bool IsStep(PayoutStatus from, PayoutStatus to) =>
        (from, to) switch
        {
            (PayoutStatus.Requested, PayoutStatus.Processing) => true,
            (PayoutStatus.Requested or PayoutStatus.Processing, PayoutStatus.Completed or PayoutStatus.Failed) => true,
            _ => false,
        };
}
