using ClickNBack.Api.Http;
using ClickNBack.Api.Merchants;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Offers;

/// <summary>Lists all offers, newest first; dates filter by overlap.</summary>
public static class ListOffers
{
    /// <summary>What is asked.</summary>
    public sealed record Request(string? Status, Guid? MerchantId, DateOnly? DateFrom, DateOnly? DateTo, Paging Paging)
        : IRequest<Request>
    {
        /// <inheritdoc/>
        public static Request Read(Fields fields) =>
            new(
                fields.OptionalText("status"),
                fields.OptionalId("merchant_id"),
                fields.OptionalDate("date_from"),
                fields.OptionalDate("date_to"),
                Paging.Read(fields)
            );
    }

    /// <summary>The handler.</summary>
    public static async Task<Results<Ok<Page<OfferResponse>>, ApiError>> Handle(
        Query<Request> query,
        ClickNBackDbContext db,
        CancellationToken cancel
    )
    {
        var (statusText, merchantId, from, to, paging) = query.Value;
        var violations = new List<Violation>();
        ActiveStatus? status = null;
        if (statusText is not null)
        {
            if (Choices.TryParse<ActiveStatus>(statusText, out var parsed))
            {
                status = parsed;
            }
            else
            {
                violations.Add(new("status", $"must be one of {Choices.Names<ActiveStatus>()}"));
            }
        }

        if (from > to)
        {
            violations.Add(new("date_from", "must not be after date_to"));
        }

        if (violations.Count > 0)
        {
            return OfferErrors.NonsensicalFilter(violations);
        }

        var offers = db.Offers.AsNoTracking();
        if (status is { } wanted)
        {
            var active = wanted == ActiveStatus.Active;
            offers = offers.Where(it => it.Active == active);
        }

        if (merchantId is { } merchant)
        {
            offers = offers.Where(it => it.MerchantId == merchant);
        }

        if (from is { } first)
        {
            offers = offers.Where(it => it.EndDate >= first);
        }

        if (to is { } last)
        {
            offers = offers.Where(it => it.StartDate <= last);
        }

        return TypedResults.Ok(
            await offers
                .OrderByDescending(it => it.CreatedAt)
                .ThenBy(it => it.Id)
                .Select(OfferResponse.Projection)
                .ToPageAsync(paging, cancel)
        );
    }
}
