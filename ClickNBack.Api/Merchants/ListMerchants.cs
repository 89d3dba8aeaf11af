using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Merchants;

/// <summary>Lists merchants by name.</summary>
public static class ListMerchants
{
    /// <summary>What is asked.</summary>
    public sealed record Request(bool? Active, Paging Paging) : IRequest<Request>
    {
        /// <inheritdoc/>
        public static Request Read(Fields fields) => new(fields.OptionalFlag("active"), Paging.Read(fields));
    }

    /// <summary>The handler.</summary>
    public static async Task<Ok<Page<MerchantResponse>>> Handle(
        Query<Request> query,
        ClickNBackDbContext db,
        CancellationToken cancel
    )
    {
        var (active, paging) = query.Value;
        var merchants = db.Merchants.AsNoTracking();
        if (active is { } wanted)
        {
            merchants = merchants.Where(it => it.Active == wanted);
        }

        return TypedResults.Ok(
            await merchants
                .OrderBy(it => it.Name)
                .Select(it => new MerchantResponse(it.Id, it.Name, it.DefaultCashbackPercentage, it.Active))
                .ToPageAsync(paging, cancel)
        );
    }
}
