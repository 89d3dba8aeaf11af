using System.Text.RegularExpressions;
using ClickNBack.Api.Http;

namespace ClickNBack.Api.FeatureFlags;

/// <summary>Which record of which flag: the rules of keys and scopes in one place.</summary>
internal static partial class FlagAddress
{
    /// <summary>Why key and scope name no record, or null.</summary>
    public static ApiError? Refuse(string key, FlagScope scope, Guid? scopeId)
    {
        if (key.Length > FeatureFlag.MaxKeyLength || !KeyPattern().IsMatch(key))
        {
            return FlagErrors.MalformedKey.With(key);
        }

        return (scope, scopeId) switch
        {
            (FlagScope.Global, not null) => HttpErrors.Invalid("scope_id", "is not allowed for the global record"),
            (not FlagScope.Global, null) => FlagErrors.ScopeIdRequired.With(scope),
            _ => null,
        };
    }

    [GeneratedRegex("^[a-z][a-z0-9_]*\\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex KeyPattern();
}
