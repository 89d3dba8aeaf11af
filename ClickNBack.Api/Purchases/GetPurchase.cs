using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Purchases;

/// <summary>One purchase, for who made it.</summary>
internal static class GetPurchase
{
    private static readonly Func<ClickNBackDbContext, Guid, Guid, CancellationToken, Task<PurchaseResponse?>> FindOwn =
        EF.CompileAsyncQuery(
            (ClickNBackDbContext db, Guid id, Guid userId, CancellationToken cancel) =>
                db
                    .Purchases.Where(it => it.Id == id && it.UserId == userId)
                    .Select(PurchaseResponse.Projection)
                    .FirstOrDefault()
        );

    public static async Task<Results<Ok<PurchaseResponse>, ApiError>> HandleAsync(
        string id,
        Caller caller,
        ClickNBackDbContext db,
        ILogger<PurchaseResponse> logger,
        CancellationToken cancel
    )
    {
        if (!Ids.TryParse(id, out var purchaseId))
        {
            return PurchaseErrors.NotFound.With(id);
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
            return PurchaseErrors.NotFound.With(id);
        }

        logger.LogInformation("{User} may not see purchase {Purchase}", caller.Id, purchaseId);
        return PurchaseErrors.SomebodyElses.With((purchaseId, owner.Value, caller.Id));
    }
}
