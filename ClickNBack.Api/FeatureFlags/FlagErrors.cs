using ClickNBack.Api.Http;
using ClickNBack.Api.Merchants;

namespace ClickNBack.Api.FeatureFlags;

/// <summary>What can go wrong with feature flags.</summary>
public static class FlagErrors
{
    private const string KeyRule = "must be 1 to 100 lower-case letters, digits and underscores, a letter first";

    /// <summary>No key of a flag.</summary>
    public static readonly ErrorCode MalformedKey = new(
        "VALIDATION_ERROR",
        ErrorKind.Invalid,
        "The `key` in the path is no key of a flag."
    )
    {
        DetailsExample = new { key = "Auto-Confirm", violations = new[] { new Violation("key", KeyRule) } },
    };

    /// <summary>A scope other than global needs to say whose.</summary>
    public static readonly ErrorCode ScopeIdRequired = new(
        "FEATURE_FLAG_SCOPE_ID_REQUIRED",
        ErrorKind.Invalid,
        "A merchant's or user's record needs a `scope_id`."
    )
    {
        DetailsExample = new { scope_type = FlagScope.Merchant },
    };

    /// <summary>No such record.</summary>
    public static readonly ErrorCode NotFound = new(
        "FEATURE_FLAG_NOT_FOUND",
        ErrorKind.NotFound,
        "The flag has no record of this scope."
    )
    {
        DetailsExample = new
        {
            key = FlagExamples.Flag.Key,
            scope_type = FlagScope.Merchant,
            scope_id = MerchantExamples.Shoply.Id,
        },
    };

    internal static ApiError InvalidKey(string key) =>
        MalformedKey.With(
            "This is no key of a feature flag.",
            new { key, violations = new[] { new Violation("key", KeyRule) } }
        );

    internal static ApiError WithoutScopeId(FlagScope scope) =>
        ScopeIdRequired.With($"A {Json.Name(scope)}'s record needs a scope_id.", new { scope_type = scope });
}
