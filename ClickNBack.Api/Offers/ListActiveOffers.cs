using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ClickNBack.Api.Offers;

/// <summary>
/// Lists the offers that earn cashback today, by merchant: offer and merchant active, the day within the offer's dates. What
/// people open first and most often, hence from memory.
/// </summary>
internal static class ListActiveOffers
{
    public static async Task<Results<WrittenPage<ActiveOfferResponse>, ApiError>> HandleAsync(
        Query<Paging> query,
        CallerQuery caller,
        ActiveOffers offers,
        CancellationToken cancel
    )
    {
        var (version, refusal) = await caller.ReadAsync(
            batch => batch.Add(ActiveOffers.FindVersion, it => it),
            async row => await row.ReadAsync(cancel) ? row.GetGuid(0) : default,
            cancel
        );
        return refusal is null
            ? WrittenPage<ActiveOfferResponse>.Of(await offers.TodayAsync(version, cancel), query.Value)
            : refusal;
    }
}
