using ClickNBack.Api.Http;

namespace ClickNBack.Api.Merchants;

/// <summary>What can go wrong with merchants.</summary>
public static class MerchantErrors
{
    /// <summary>No such merchant.</summary>
    public static readonly ErrorCode NotFound = new("NOT_FOUND", ErrorKind.NotFound, "There is no such merchant.")
    {
        DetailsExample = new { resource_type = "merchant", resource_id = MerchantExamples.Shoply.Id },
    };

    /// <summary>The percentage is out of range.</summary>
    public static readonly ErrorCode PercentageOutOfRange = new(
        "VALIDATION_ERROR",
        ErrorKind.Conflict,
        "The default percentage is below 0 or above the platform's maximum."
    )
    {
        DetailsExample = new { field = "default_cashback_percentage", reason = "must be from 0 to 20" },
    };

    /// <summary>The name is taken.</summary>
    public static readonly ErrorCode NameAlreadyExists = new(
        "MERCHANT_NAME_ALREADY_EXISTS",
        ErrorKind.Conflict,
        "There is a merchant of this name."
    )
    {
        DetailsExample = new { name = MerchantExamples.Shoply.Name },
    };

    /// <summary>The merchant is switched off, so it takes no offers.</summary>
    public static readonly ErrorCode NotActive = new(
        "MERCHANT_NOT_ACTIVE",
        ErrorKind.Invalid,
        "The merchant is switched off, so it takes no offers."
    )
    {
        DetailsExample = new { merchant_id = MerchantExamples.Shoply.Id, action = "Activate the merchant first." },
    };

    /// <summary>The merchant is unknown or switched off, so no purchase can be recorded there.</summary>
    public static readonly ErrorCode NotEligible = new(
        "MERCHANT_NOT_ELIGIBLE",
        ErrorKind.Invalid,
        "The merchant is unknown or switched off, so no purchase can be recorded there."
    )
    {
        DetailsExample = new { merchant_id = MerchantExamples.Shoply.Id, reason = "It is not active." },
    };

    internal static ApiError Unknown(string id) =>
        NotFound.With($"There is no merchant {id}.", new { resource_type = "merchant", resource_id = id });
}
