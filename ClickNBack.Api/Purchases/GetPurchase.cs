using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Purchases;

/// <summary>One purchase, for who made it.</summary>
public static class GetPurchase
{
    private static readonly Func<ClickNBackDbContext, Guid, Guid, CancellationToken, Task<PurchaseResponse?>> FindOwn =
        EF.CompileAsyncQuery(
            (ClickNBackDbContext db, Guid id, Guid userId, CancellationToken cancel) =>
                db
                    .Purchases.Where(it => it.Id == id && it.UserId == userId)
                    .Select(PurchaseResponse.Projection)
                    .FirstOrDefault()
        );

    /// <summary>The handler.</summary>
    public static async Task<Results<Ok<PurchaseResponse>, ApiError>> Handle(
        string id,
        Caller caller,
        ClickNBackDbContext db,
        ILogger<PurchaseResponse> logger,
        CancellationToken cancel
    )
    {
        if (!Ids.TryParse(id, out var purchaseId))
        {
            return PurchaseErrors.Unknown(id);
        }

        if (await FindOwn(db, purchaseId, caller.Id, cancel) is { } own)
        {
            return TypedResults.Ok(own);
        }

        var owner = await db
            .Purchases.Where(it => it.Id == purchaseId)
            .Select(it => (Guid?)it.UserId)
            .FirstOrDefaultAsync(cancel);
        if (owner is null)
        {
            return PurchaseErrors.Unknown(id);
        }

        logger.LogInformation("{User} may not see purchase {Purchase}", caller.Id, purchaseId);
        return PurchaseErrors.SomebodyElses.With(
            "This purchase is somebody else's.",
            new
            {
                purchase_id = purchaseId,
                resource_owner = owner,
                current_user = caller.Id,
            }
        );
    }
}
