using System.ComponentModel.DataAnnotations;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ClickNBack.Api.Purchases;

/// <summary>Everybody's purchases, newest first, for administrators.</summary>
internal static class ListPurchases
{
    /// <summary>Identifiers that are none match nothing; both days count.</summary>
    internal sealed record Request : Paging
    {
        public Request() => Limit = ShortLimit;

        [StringLength(10_000)]
        public string? Status { get; init; }

        [StringLength(10_000)]
        public string? UserId { get; init; }

        [StringLength(10_000)]
        public string? MerchantId { get; init; }

        public DateOnly? StartDate { get; init; }

        public DateOnly? EndDate { get; init; }
    }

    public static async Task<Results<Ok<Page<AdminPurchaseResponse>>, ApiError>> HandleAsync(
        Query<Request> query,
        ClickNBackDbContext db,
        CancellationToken cancel
    )
    {
        var request = query.Value;
        IQueryable<Purchase> purchases = db.Purchases;
        if (request.Status is { } name)
        {
            if (!Choices.TryParse<PurchaseStatus>(name, out var status))
            {
                return PurchaseErrors.InvalidStatus.With($"'{name}' is no status of a purchase.");
            }

            purchases = purchases.Where(it => it.Status == status);
        }

        if (request.UserId is { } user)
        {
            if (!Ids.TryParse(user, out var userId))
            {
                return TypedResults.Ok(Page<AdminPurchaseResponse>.Empty(request));
            }

            purchases = purchases.Where(it => it.UserId == userId);
        }

        if (request.MerchantId is { } merchant)
        {
            if (!Ids.TryParse(merchant, out var merchantId))
            {
                return TypedResults.Ok(Page<AdminPurchaseResponse>.Empty(request));
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
                .ToPageAsync(request, cancel)
        );
    }
}
