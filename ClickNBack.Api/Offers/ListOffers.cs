using System.ComponentModel.DataAnnotations;
using ClickNBack.Api.Http;
using ClickNBack.Api.Merchants;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Offers;

/// <summary>Lists all offers, newest first; dates filter by overlap.</summary>
internal static class ListOffers
{
    internal sealed record Request : Paging
    {
        [StringLength(10_000)]
        public string? Status { get; init; }

        public Guid? MerchantId { get; init; }

        public DateOnly? DateFrom { get; init; }

        public DateOnly? DateTo { get; init; }
    }

    public static async Task<Results<Ok<Page<OfferResponse>>, ApiError>> HandleAsync(
        Query<Request> query,
        ClickNBackDbContext db,
        CancellationToken cancel
    )
    {
        var request = query.Value;
        var violations = new List<Violation>();
        var status = ActiveStatus.Active;
        if (request.Status is { } name && !Choices.TryParse(name, out status))
        {
            violations.Add(new Violation("status", "must be one of active, inactive"));
        }

        if (request.DateFrom > request.DateTo)
        {
            violations.Add(new Violation("date_from", "must not be after date_to"));
        }

        if (violations.Count > 0)
        {
            return OfferErrors.InvalidFilter.With(violations);
        }

        var offers = db.Offers.AsNoTracking();
        if (request.Status is not null)
        {
            var active = status == ActiveStatus.Active;
            offers = offers.Where(it => it.Active == active);
        }

        if (request.MerchantId is { } merchant)
        {
            offers = offers.Where(it => it.MerchantId == merchant);
        }

        if (request.DateFrom is { } from)
        {
            offers = offers.Where(it => it.EndDate >= from);
        }

        if (request.DateTo is { } to)
        {
            offers = offers.Where(it => it.StartDate <= to);
        }

        return TypedResults.Ok(
            await offers
                .OrderByDescending(it => it.CreatedAt)
                .ThenBy(it => it.Id)
                .Select(OfferResponse.Projection)
                .ToPageAsync(request, cancel)
        );
    }
}
