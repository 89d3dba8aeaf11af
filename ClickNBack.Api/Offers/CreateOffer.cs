using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Merchants;
using ClickNBack.Api.Money;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ClickNBack.Api.Offers;

/// <summary>Adds a merchant's offer, in force from its start date on.</summary>
internal static class CreateOffer
{
    internal sealed record Request
    {
        public required Guid MerchantId { get; init; }

        public required CashbackType CashbackType { get; init; }

        public required decimal CashbackValue { get; init; }

        public required DateOnly StartDate { get; init; }

        public required DateOnly EndDate { get; init; }

        public required decimal MonthlyCap { get; init; }
    }

    /// <summary>The order of the checks is the contract's (2.4).</summary>
    public static async Task<Results<Created<OfferResponse>, ApiError>> HandleAsync(
        Body<Request> body,
        Caller caller,
        ClickNBackDbContext db,
        AuditTrail audit,
        IOptions<CashbackOptions> options,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        var request = body.Value;
        var now = time.GetUtcNow();
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        if (FirstViolation(request, today, options.Value.MaxPercentage) is { } violation)
        {
            return OfferErrors.Invalid.With([violation]);
        }

        var merchant = await db
            .Merchants.Where(it => it.Id == request.MerchantId)
            .Select(it => new
            {
                it.Active,
                HasActiveOffer = db.Offers.Any(offer => offer.MerchantId == it.Id && offer.Active),
            })
            .FirstOrDefaultAsync(cancel);
        if (merchant is null)
        {
            return MerchantErrors.NotFound.With($"{request.MerchantId}");
        }

        if (!merchant.Active)
        {
            return MerchantErrors.NotActive.With(request.MerchantId);
        }

        if (merchant.HasActiveOffer)
        {
            return OfferErrors.ActiveOfferAlreadyExists.With(request.MerchantId);
        }

        var offer = new Offer
        {
            Id = Guid.CreateVersion7(now),
            MerchantId = request.MerchantId,
            CashbackType = request.CashbackType,
            CashbackValue = request.CashbackValue,
            StartDate = request.StartDate,
            EndDate = request.EndDate,
            MonthlyCap = request.MonthlyCap,
            CreatedAt = now,
        };
        db.Offers.Add(offer);
        audit.Record(Actor.Of(caller), AuditActions.OfferActivated, "offer", offer.Id, new { offer.MerchantId });
        return await db.TrySaveAsync(OfferMapping.OneActivePerMerchant, cancel)
            ? TypedResults.Created($"/api/v1/offers/{offer.Id}", OfferResponse.Of(offer))
            : OfferErrors.ActiveOfferAlreadyExists.With(request.MerchantId);
    }

    private static Violation? FirstViolation(Request request, DateOnly today, decimal maxPercentage) =>
        request switch
        {
            { CashbackValue: <= 0 } => new("cashback_value", "must be greater than 0"),
            { CashbackType: CashbackType.Percent } when request.CashbackValue > maxPercentage => new(
                "cashback_value",
                $"must be at most {maxPercentage} percent"
            ),
            { CashbackValue: > Euro.Largest } => new("cashback_value", "must be at most 9999999999.99"),
            _ when request.StartDate < today => new("start_date", "must not be in the past"),
            _ when request.EndDate < request.StartDate => new("end_date", "must not be before start_date"),
            { MonthlyCap: <= 0 or > Euro.Largest } => new(
                "monthly_cap",
                "must be greater than 0 and at most 9999999999.99"
            ),
            _ when decimal.Round(request.MonthlyCap, 2) != request.MonthlyCap => new(
                "monthly_cap",
                "must have at most two decimals"
            ),
            _ => null,
        };
}
