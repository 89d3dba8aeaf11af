using ClickNBack.Api.Http;
using ClickNBack.Api.Merchants;

namespace ClickNBack.Api.Offers;

internal static class OfferErrors
{
    public static readonly ErrorCode<string> NotFound = HttpErrors.NotFound("offer", OfferExamples.Offer.Id);

    public static readonly ErrorCode<IReadOnlyList<Violation>> Invalid = HttpErrors.OfFields(
        "VALIDATION_ERROR",
        ErrorKind.Refused,
        "The offer's values do not fit together; `details.violations` says why.",
        new Violation("end_date", "must not be before start_date")
    );

    public static readonly ErrorCode<IReadOnlyList<Violation>> InvalidFilter = HttpErrors.OfFields(
        "VALIDATION_ERROR",
        ErrorKind.Refused,
        "The filter's values do not fit together; `details.violations` says why.",
        new Violation("date_from", "must not be after date_to")
    );

    public static readonly ErrorCode<(Guid Id, bool IsActive)> NotForUsers = new(
        "FORBIDDEN",
        ErrorKind.Forbidden,
        "The offer or its merchant is switched off, so only administrators see it.",
        it =>
            (
                "This offer is not available.",
                new
                {
                    ResourceType = "offer",
                    ResourceId = it.Id,
                    Reason = it.IsActive ? "The merchant is inactive." : "The offer is inactive.",
                }
            ),
        (OfferExamples.Offer.Id, false)
    );

    public static readonly ErrorCode<Guid> ActiveOfferAlreadyExists = new(
        "ACTIVE_OFFER_ALREADY_EXISTS",
        ErrorKind.Conflict,
        "The merchant has another active offer.",
        id =>
            (
                "The merchant already has an active offer.",
                new { MerchantId = id, Action = "Deactivate the merchant's active offer first." }
            ),
        MerchantExamples.Shoply.Id
    );

    public static readonly ErrorCode<Guid> NotAvailable = new(
        "OFFER_NOT_AVAILABLE",
        ErrorKind.Invalid,
        "The merchant has no offer in force today.",
        id =>
            (
                "The merchant has no offer in force today.",
                new { MerchantId = id, Reason = "There is no active offer whose dates include today." }
            ),
        MerchantExamples.Shoply.Id
    );
}
