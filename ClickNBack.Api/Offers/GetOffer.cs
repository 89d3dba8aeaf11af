using ClickNBack.Api.Http;
using ClickNBack.Api.Merchants;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Offers;

/// <summary>One offer; users see only those of which offer and merchant are active.</summary>
internal static class GetOffer
{
    public static async Task<Results<Ok<OfferDetailsResponse>, ApiError>> HandleAsync(
        string id,
        Caller caller,
        ClickNBackDbContext db,
        CancellationToken cancel
    )
    {
        if (!Ids.TryParse(id, out var offerId))
        {
            return OfferErrors.NotFound.With(id);
        }

        var offer = await db
            .Offers.AsNoTracking()
            .Include(it => it.Merchant)
            .FirstOrDefaultAsync(it => it.Id == offerId, cancel);
        if (offer is null)
        {
            return OfferErrors.NotFound.With(id);
        }

        if (caller.Role != Role.Admin && !(offer.Active && offer.Merchant!.Active))
        {
            return OfferErrors.NotForUsers.With((offerId, offer.Active));
        }

        return TypedResults.Ok(
            new OfferDetailsResponse(
                offer.Id,
                offer.Merchant!.Name,
                offer.CashbackType,
                offer.CashbackValue,
                offer.MonthlyCap,
                offer.StartDate,
                offer.EndDate,
                offer.Active ? ActiveStatus.Active : ActiveStatus.Inactive
            )
        );
    }
}
