using ClickNBack.Api.Http;
using ClickNBack.Api.Merchants;

namespace ClickNBack.Api.FeatureFlags;

/// <summary>What can go wrong with feature flags.</summary>
internal static class FlagErrors
{
    private const string KeyRule = "must be 1 to 100 lower-case letters, digits and underscores, a letter first";

    public static readonly ErrorCode<string> MalformedKey = new(
        "VALIDATION_ERROR",
        ErrorKind.Invalid,
        "The `key` in the path is no key of a flag.",
        key =>
            (
                "This is no key of a feature flag.",
                new { Key = key, Violations = new[] { new Violation("key", KeyRule) } }
            ),
        "Auto-Confirm"
    );

    public static readonly ErrorCode<FlagScope> ScopeIdRequired = new(
        "FEATURE_FLAG_SCOPE_ID_REQUIRED",
        ErrorKind.Invalid,
        "A merchant's or user's record needs a `scope_id`.",
        scope => ($"A {Json.Name(scope)}'s record needs a scope_id.", new { ScopeType = scope }),
        FlagScope.Merchant
    );

    public static readonly ErrorCode<(string Key, FlagScope ScopeType, Guid? ScopeId)> NotFound = new(
        "FEATURE_FLAG_NOT_FOUND",
        ErrorKind.NotFound,
        "The flag has no record of this scope.",
        it =>
            (
                $"The flag {it.Key} has no such record.",
                new
                {
                    it.Key,
                    it.ScopeType,
                    it.ScopeId,
                }
            ),
        (FlagExamples.Flag.Key, FlagScope.Merchant, MerchantExamples.Shoply.Id)
    );
}
