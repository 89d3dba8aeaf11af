using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Merchants;

/// <summary>Switches a merchant on or off; setting what is set already changes nothing.</summary>
internal static class SetMerchantStatus
{
    internal sealed record Request
    {
        public required ActiveStatus Status { get; init; }
    }

    public static async Task<Results<Ok<StatusResponse>, ApiError>> HandleAsync(
        string id,
        Body<Request> body,
        Caller caller,
        ClickNBackDbContext db,
        AuditTrail audit,
        CancellationToken cancel
    )
    {
        if (!Ids.TryParse(id, out var merchantId))
        {
            return MerchantErrors.NotFound.With(id);
        }

        var active = body.Value.Status == ActiveStatus.Active;
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var changed = await db
            .Merchants.Where(it => it.Id == merchantId && it.Active != active)
            .ExecuteUpdateAsync(set => set.SetProperty(it => it.Active, active), cancel);
        if (changed == 0 && !await db.Merchants.AnyAsync(it => it.Id == merchantId, cancel))
        {
            return MerchantErrors.NotFound.With(id);
        }

        if (changed == 1)
        {
            var action = active ? AuditActions.MerchantActivated : AuditActions.MerchantDeactivated;
            audit.Record(Actor.Of(caller), action, "merchant", merchantId);
            await db.SaveChangesAsync(cancel);
        }

        await transaction.CommitAsync(cancel);
        return TypedResults.Ok(new StatusResponse(merchantId, body.Value.Status));
    }
}
