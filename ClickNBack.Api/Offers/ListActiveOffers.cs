using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ClickNBack.Api.Offers;

/// <summary>Lists the offers that earn cashback today, by merchant.</summary>
public static class ListActiveOffers
{
    /// <summary>The offers in force on a day: offer and merchant active, the day within the offer's dates.</summary>
    public static IQueryable<Offer> InForceOn(this IQueryable<Offer> offers, DateOnly day) =>
        offers.Where(it => it.Active && it.Merchant!.Active && it.StartDate <= day && it.EndDate >= day);

    /// <summary>The handler.</summary>
    public static async Task<Ok<Page<ActiveOfferResponse>>> Handle(
        Query<Paging> query,
        ClickNBackDbContext db,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        return TypedResults.Ok(
            await db
                .Offers.InForceOn(today)
                .OrderBy(it => it.Merchant!.Name)
                .ThenBy(it => it.Id)
                .Select(it => new ActiveOfferResponse(
                    it.Id,
                    it.Merchant!.Name,
                    it.CashbackType,
                    it.CashbackValue,
                    it.MonthlyCap,
                    it.StartDate,
                    it.EndDate
                ))
                .ToPageAsync(query.Value, cancel)
        );
    }
}
