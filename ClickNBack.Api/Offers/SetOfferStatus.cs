using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Merchants;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ClickNBack.Api.Offers;

/// <summary>Switches an offer on or off. A second active offer of the merchant is refused.</summary>
internal static class SetOfferStatus
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
        if (!Ids.TryParse(id, out var offerId))
        {
            return OfferErrors.NotFound.With(id);
        }

        var merchantId = await db
            .Offers.Where(it => it.Id == offerId)
            .Select(it => (Guid?)it.MerchantId)
            .FirstOrDefaultAsync(cancel);
        if (merchantId is null)
        {
            return OfferErrors.NotFound.With(id);
        }

        var active = body.Value.Status == ActiveStatus.Active;
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        try
        {
            var changed = await db
                .Offers.Where(it => it.Id == offerId && it.Active != active)
                .ExecuteUpdateAsync(set => set.SetProperty(it => it.Active, active), cancel);
            if (changed == 1)
            {
                var action = active ? AuditActions.OfferActivated : AuditActions.OfferDeactivated;
                audit.Record(Actor.Of(caller), action, "offer", offerId, new { merchant_id = merchantId });
                await db.SaveChangesAsync(cancel);
            }
        }
        catch (PostgresException exception) when (exception.ConstraintName == OfferMapping.OneActivePerMerchant)
        {
            return OfferErrors.ActiveOfferAlreadyExists.With(merchantId.Value);
        }

        await transaction.CommitAsync(cancel);
        return TypedResults.Ok(new StatusResponse(offerId, body.Value.Status));
    }
}
