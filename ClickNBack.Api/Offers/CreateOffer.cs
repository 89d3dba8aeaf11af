using ClickNBack.Api.Audit;
using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Merchants;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ClickNBack.Api.Offers;

/// <summary>Adds a merchant's offer, in force from its start date on.</summary>
public static class CreateOffer
{
    /// <summary>What is asked.</summary>
    public sealed record Request(
        Guid MerchantId,
        CashbackType CashbackType,
        decimal CashbackValue,
        DateOnly StartDate,
        DateOnly EndDate,
        decimal MonthlyCap
    ) : IRequest<Request>
    {
        /// <inheritdoc/>
        public static Request Read(Fields fields) =>
            new(
                fields.Id("merchant_id"),
                fields.Choice<CashbackType>("cashback_type"),
                fields.Number("cashback_value"),
                fields.Date("start_date"),
                fields.Date("end_date"),
                fields.Number("monthly_cap")
            );
    }

    /// <summary>The handler. The order of the checks is the contract's (2.4).</summary>
    public static async Task<Results<Created<OfferResponse>, ApiError>> Handle(
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
            return OfferErrors.Nonsense(violation);
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
            return MerchantErrors.Unknown(request.MerchantId.ToString());
        }

        if (!merchant.Active)
        {
            return MerchantErrors.NotActive.With(
                "The merchant is not active.",
                new { merchant_id = request.MerchantId, action = "Activate the merchant first." }
            );
        }

        if (merchant.HasActiveOffer)
        {
            return OfferErrors.AnotherIsActive(request.MerchantId);
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
            : OfferErrors.AnotherIsActive(request.MerchantId);
    }

    private static Violation? FirstViolation(Request request, DateOnly today, decimal maxPercentage) =>
        request switch
        {
            { CashbackValue: <= 0 } => new("cashback_value", "must be greater than 0"),
            { CashbackType: CashbackType.Percent } when request.CashbackValue > maxPercentage => new(
                "cashback_value",
                $"must be at most {maxPercentage} percent"
            ),
            { CashbackValue: > Fields.LargestAmount } => new("cashback_value", "must be at most 9999999999.99"),
            _ when request.StartDate < today => new("start_date", "must not be in the past"),
            _ when request.EndDate < request.StartDate => new("end_date", "must not be before start_date"),
            { MonthlyCap: <= 0 or > Fields.LargestAmount } => new(
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
