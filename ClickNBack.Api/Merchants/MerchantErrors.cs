using ClickNBack.Api.Http;

namespace ClickNBack.Api.Merchants;

internal static class MerchantErrors
{
    public static readonly ErrorCode<string> NotFound = HttpErrors.NotFound("merchant", MerchantExamples.Shoply.Id);

    public static readonly ErrorCode<decimal> PercentageOutOfRange = new(
        "VALIDATION_ERROR",
        ErrorKind.Conflict,
        "The default percentage is below 0 or above the platform's maximum.",
        max =>
            (
                $"The default percentage must be from 0 to {max}.",
                new Violation("default_cashback_percentage", $"must be from 0 to {max}")
            ),
        20
    );

    public static readonly ErrorCode<string> NameAlreadyExists = new(
        "MERCHANT_NAME_ALREADY_EXISTS",
        ErrorKind.Conflict,
        "There is a merchant of this name.",
        name => ($"There is already a merchant called {name}.", new { Name = name }),
        MerchantExamples.Shoply.Name
    );

    public static readonly ErrorCode<Guid> NotActive = new(
        "MERCHANT_NOT_ACTIVE",
        ErrorKind.Invalid,
        "The merchant is switched off, so it takes no offers.",
        id => ("The merchant is not active.", new { MerchantId = id, Action = "Activate the merchant first." }),
        MerchantExamples.Shoply.Id
    );

    public static readonly ErrorCode<(Guid Id, bool IsKnown)> NotEligible = new(
        "MERCHANT_NOT_ELIGIBLE",
        ErrorKind.Invalid,
        "The merchant is unknown or switched off, so no purchase can be recorded there.",
        it =>
            (
                "No purchases can be recorded at this merchant.",
                new { MerchantId = it.Id, Reason = it.IsKnown ? "It is not active." : "It is unknown." }
            ),
        (MerchantExamples.Shoply.Id, true)
    );
}
