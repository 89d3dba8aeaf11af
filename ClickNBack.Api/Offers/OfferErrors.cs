using ClickNBack.Api.Http;

namespace ClickNBack.Api.Offers;

/// <summary>What can go wrong with offers.</summary>
public static class OfferErrors
{
    /// <summary>No such offer.</summary>
    public static readonly ErrorCode NotFound = new("NOT_FOUND", ErrorKind.NotFound, "There is no such offer.");

    /// <summary>The offer, or the filter of a list, makes no sense.</summary>
    public static readonly ErrorCode Invalid = new(
        "VALIDATION_ERROR",
        ErrorKind.Refused,
        "The offer or the filter makes no sense; `details.violations` says why."
    );

    /// <summary>The merchant has an active offer.</summary>
    public static readonly ErrorCode ActiveOfferAlreadyExists = new(
        "ACTIVE_OFFER_ALREADY_EXISTS",
        ErrorKind.Conflict,
        "The merchant has another active offer."
    );

    /// <summary>The merchant has no offer in force.</summary>
    public static readonly ErrorCode NotAvailable = new(
        "OFFER_NOT_AVAILABLE",
        ErrorKind.Invalid,
        "The merchant has no offer in force today."
    );

    internal static ApiError Unknown(string id) =>
        NotFound.With($"There is no offer {id}.", new { resource_type = "offer", resource_id = id });

    internal static ApiError Nonsense(IReadOnlyList<Violation> violations) =>
        Invalid.With("The values make no sense together.", new { violations });

    internal static ApiError AnotherIsActive(Guid merchantId) =>
        ActiveOfferAlreadyExists.With(
            "The merchant already has an active offer.",
            new { merchant_id = merchantId, action = "Deactivate the merchant's active offer first." }
        );
}
