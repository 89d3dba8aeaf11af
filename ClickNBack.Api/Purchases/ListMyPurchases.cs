using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ClickNBack.Api.Purchases;

/// <summary>The caller's purchases, newest first.</summary>
public static class ListMyPurchases
{
    /// <summary>What is asked.</summary>
    public sealed record Request(string? Status, Paging Paging) : IRequest<Request>
    {
        /// <inheritdoc/>
        public static Request Read(Fields fields) =>
            new(fields.OptionalText("status"), Paging.Read(fields, Paging.ShortLimit));
    }

    /// <summary>The handler.</summary>
    public static async Task<Results<Ok<Page<PurchaseResponse>>, ApiError>> Handle(
        Query<Request> query,
        Caller caller,
        ClickNBackDbContext db,
        CancellationToken cancel
    )
    {
        var (statusText, paging) = query.Value;
        var purchases = db.Purchases.Where(it => it.UserId == caller.Id);
        if (statusText is not null)
        {
            if (!Choices.TryParse<PurchaseStatus>(statusText, out var status))
            {
                return PurchaseErrors.NoSuchStatus(statusText);
            }

            purchases = purchases.Where(it => it.Status == status);
        }

        return TypedResults.Ok(
            await purchases
                .OrderByDescending(it => it.CreatedAt)
                .ThenByDescending(it => it.Id)
                .Select(PurchaseResponse.Projection)
                .ToPageAsync(paging, cancel)
        );
    }
}
