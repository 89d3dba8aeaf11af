using ClickNBack.Api.Http;

namespace ClickNBack.Api.FeatureFlags;

/// <summary>What can go wrong with feature flags.</summary>
public static class FlagErrors
{
    /// <summary>A scope other than global needs to say whose.</summary>
    public static readonly ErrorCode ScopeIdRequired = new(
        "FEATURE_FLAG_SCOPE_ID_REQUIRED",
        ErrorKind.Invalid,
        "A merchant's or user's record needs a `scope_id`."
    );

    /// <summary>No such record.</summary>
    public static readonly ErrorCode NotFound = new(
        "FEATURE_FLAG_NOT_FOUND",
        ErrorKind.NotFound,
        "The flag has no record of this scope."
    );

    internal static ApiError InvalidKey(string key)
    {
        const string reason = "must be 1 to 100 lower-case letters, digits and underscores, a letter first";
        return HttpErrors.Malformed.With(
            "This is no key of a feature flag.",
            new { key, violations = new[] { new Violation("key", reason) } }
        );
    }

    internal static ApiError WithoutScopeId(FlagScope scope) =>
        ScopeIdRequired.With($"A {Json.Name(scope)}'s record needs a scope_id.", new { scope_type = scope });
}
