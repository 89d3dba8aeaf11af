using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Offers;

/// <summary>
/// Lists the offers that earn cashback today, by merchant: offer and merchant active, the day within the offer's dates. What
/// people open first and most often, hence compiled queries.
/// </summary>
public static class ListActiveOffers
{
    private static readonly Func<ClickNBackDbContext, DateOnly, CancellationToken, Task<long>> Count =
        EF.CompileAsyncQuery(
            (ClickNBackDbContext db, DateOnly today, CancellationToken cancel) =>
                db.Offers.LongCount(it =>
                    it.Active && it.Merchant!.Active && it.StartDate <= today && it.EndDate >= today
                )
        );

    private static readonly Func<ClickNBackDbContext, DateOnly, int, int, IAsyncEnumerable<ActiveOfferResponse>> Read =
        EF.CompileAsyncQuery(
            (ClickNBackDbContext db, DateOnly today, int offset, int limit) =>
                db
                    .Offers.Where(it =>
                        it.Active && it.Merchant!.Active && it.StartDate <= today && it.EndDate >= today
                    )
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
                    .Skip(offset)
                    .Take(limit)
        );

    /// <summary>The handler.</summary>
    public static async Task<Ok<Page<ActiveOfferResponse>>> Handle(
        Query<Paging> query,
        ClickNBackDbContext db,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        var paging = query.Value;
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var total = await Count(db, today, cancel);
        IReadOnlyList<ActiveOfferResponse> page =
            paging.Offset >= total ? [] : await Read(db, today, (int)paging.Offset, paging.Limit).ToListAsync(cancel);
        return TypedResults.Ok(new Page<ActiveOfferResponse>(page, new Pagination(paging.Offset, paging.Limit, total)));
    }
}
