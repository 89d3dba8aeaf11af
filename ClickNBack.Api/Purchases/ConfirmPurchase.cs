using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Ledger;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ClickNBack.Api.Purchases;

/// <summary>An administrator confirms a pending purchase.</summary>
internal static class ConfirmPurchase
{
    public static async Task<Results<Ok<PurchaseStatusResponse>, ApiError>> HandleAsync(
        string id,
        Caller caller,
        ClickNBackDbContext db,
        GeneralLedger ledger,
        PurchaseResolution resolution,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        if (!Ids.TryParse(id, out var purchaseId))
        {
            return PurchaseErrors.NotFound.With(id);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await db.LockPurchaseAsync(purchaseId, cancel) is not { } purchase)
        {
            return PurchaseErrors.NotFound.With(id);
        }

        if (purchase.Status != PurchaseStatus.Pending)
        {
            return PurchaseErrors.NotPending.With((purchase.Id, purchase.Status));
        }

        var wallet = await ledger.LockWalletAsync(purchase.UserId, cancel);
        resolution.Confirm(purchase, wallet, Actor.Of(caller), time.GetUtcNow());
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);

        return TypedResults.Ok(new PurchaseStatusResponse(purchase.Id, purchase.Status, purchase.CashbackAmount));
    }
}
