using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ClickNBack.Api.Purchases;

/// <summary>Everybody's purchases, newest first, for administrators.</summary>
public static class ListPurchases
{
    /// <summary>What is asked; identifiers that are none match nothing.</summary>
    public sealed record Request(
        string? Status,
        string? UserId,
        string? MerchantId,
        DateOnly? StartDate,
        DateOnly? EndDate,
        Paging Paging
    ) : IRequest<Request>
    {
        /// <inheritdoc/>
        public static Request Read(Fields fields) =>
            new(
                fields.OptionalText("status"),
                fields.OptionalText("user_id"),
                fields.OptionalText("merchant_id"),
                fields.OptionalDate("start_date"),
                fields.OptionalDate("end_date"),
                Paging.Read(fields, Paging.ShortLimit)
            );
    }

    /// <summary>The handler.</summary>
    public static async Task<Results<Ok<Page<AdminPurchaseResponse>>, ApiError>> Handle(
        Query<Request> query,
        ClickNBackDbContext db,
        CancellationToken cancel
    )
    {
        var request = query.Value;
        IQueryable<Purchase> purchases = db.Purchases;
        if (request.Status is { } statusText)
        {
            if (!Choices.TryParse<PurchaseStatus>(statusText, out var status))
            {
                return PurchaseErrors.NoSuchStatus(statusText);
            }

            purchases = purchases.Where(it => it.Status == status);
        }

        if (request.UserId is { } user)
        {
            if (!Ids.TryParse(user, out var userId))
            {
                return TypedResults.Ok(Page<AdminPurchaseResponse>.Empty(request.Paging));
            }

            purchases = purchases.Where(it => it.UserId == userId);
        }

        if (request.MerchantId is { } merchant)
        {
            if (!Ids.TryParse(merchant, out var merchantId))
            {
                return TypedResults.Ok(Page<AdminPurchaseResponse>.Empty(request.Paging));
            }

            purchases = purchases.Where(it => it.MerchantId == merchantId);
        }

        if (Days.StartOf(request.StartDate) is { } from)
        {
            purchases = purchases.Where(it => it.CreatedAt >= from);
        }

        if (Days.EndOf(request.EndDate) is { } until)
        {
            purchases = purchases.Where(it => it.CreatedAt < until);
        }

        return TypedResults.Ok(
            await purchases
                .OrderByDescending(it => it.CreatedAt)
                .ThenByDescending(it => it.Id)
                .Select(AdminPurchaseResponse.Projection)
                .ToPageAsync(request.Paging, cancel)
        );
    }
}
