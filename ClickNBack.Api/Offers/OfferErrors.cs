using ClickNBack.Api.Http;
using ClickNBack.Api.Merchants;

namespace ClickNBack.Api.Offers;

/// <summary>What can go wrong with offers.</summary>
public static class OfferErrors
{
    private const string DeactivateFirst = "Deactivate the merchant's active offer first.";
    private const string NoneInForce = "There is no active offer whose dates include today.";

    /// <summary>No such offer.</summary>
    public static readonly ErrorCode NotFound = new("NOT_FOUND", ErrorKind.NotFound, "There is no such offer.")
    {
        DetailsExample = new { resource_type = "offer", resource_id = OfferExamples.Offer.Id },
    };

    /// <summary>The offer makes no sense.</summary>
    public static readonly ErrorCode Invalid = new(
        "VALIDATION_ERROR",
        ErrorKind.Refused,
        "The offer makes no sense; `details.violations` says why."
    )
    {
        DetailsExample = new { violations = new[] { new Violation("end_date", "must not be before start_date") } },
    };

    /// <summary>The filter of a list makes no sense.</summary>
    public static readonly ErrorCode InvalidFilter = new(
        "VALIDATION_ERROR",
        ErrorKind.Refused,
        "The filter makes no sense; `details.violations` says why."
    )
    {
        DetailsExample = new { violations = new[] { new Violation("date_from", "must not be after date_to") } },
    };

    /// <summary>Switched off, so not for users.</summary>
    public static readonly ErrorCode NotForUsers = new(
        "FORBIDDEN",
        ErrorKind.Forbidden,
        "The offer or its merchant is switched off, so only administrators see it."
    )
    {
        DetailsExample = new
        {
            resource_type = "offer",
            resource_id = OfferExamples.Offer.Id,
            reason = "The offer is inactive.",
        },
    };

    /// <summary>The merchant has an active offer.</summary>
    public static readonly ErrorCode ActiveOfferAlreadyExists = new(
        "ACTIVE_OFFER_ALREADY_EXISTS",
        ErrorKind.Conflict,
        "The merchant has another active offer."
    )
    {
        DetailsExample = new { merchant_id = MerchantExamples.Shoply.Id, action = DeactivateFirst },
    };

    /// <summary>The merchant has no offer in force.</summary>
    public static readonly ErrorCode NotAvailable = new(
        "OFFER_NOT_AVAILABLE",
        ErrorKind.Invalid,
        "The merchant has no offer in force today."
    )
    {
        DetailsExample = new { merchant_id = MerchantExamples.Shoply.Id, reason = NoneInForce },
    };

    internal static ApiError Unknown(string id) =>
        NotFound.With($"There is no offer {id}.", new { resource_type = "offer", resource_id = id });

    internal static ApiError Nonsense(Violation violation) =>
        Invalid.With("The values make no sense together.", new { violations = new[] { violation } });

    internal static ApiError NonsensicalFilter(IReadOnlyList<Violation> violations) =>
        InvalidFilter.With("The values make no sense together.", new { violations });

    internal static ApiError AnotherIsActive(Guid merchantId) =>
        ActiveOfferAlreadyExists.With(
            "The merchant already has an active offer.",
            new { merchant_id = merchantId, action = DeactivateFirst }
        );

    internal static ApiError NoneAt(Guid merchantId) =>
        NotAvailable.With(
            "The merchant has no offer in force today.",
            new { merchant_id = merchantId, reason = NoneInForce }
        );
}
