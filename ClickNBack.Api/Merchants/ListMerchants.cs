using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Merchants;

internal static class ListMerchants
{
    internal sealed record Request : Paging
    {
        public bool? Active { get; init; }
    }

    public static async Task<Ok<Page<MerchantResponse>>> HandleAsync(
        Query<Request> query,
        ClickNBackDbContext db,
        CancellationToken cancel
    )
    {
        var request = query.Value;
        var merchants = db.Merchants.AsNoTracking();
        if (request.Active is { } active)
        {
            merchants = merchants.Where(it => it.Active == active);
        }

        return TypedResults.Ok(
            await merchants
                .OrderBy(it => it.Name)
                .Select(it => new MerchantResponse(it.Id, it.Name, it.DefaultCashbackPercentage, it.Active))
                .ToPageAsync(request, cancel)
        );
    }
}
