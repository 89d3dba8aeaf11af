using System.Text.RegularExpressions;
using ClickNBack.Api.Http;

namespace ClickNBack.Api.FeatureFlags;

/// <summary>Which record of which flag: the rules of keys and scopes in one place.</summary>
public static partial class FlagAddress
{
    /// <summary>Why key and scope name no record, or null.</summary>
    public static ApiError? Refuse(string key, FlagScope scope, Guid? scopeId)
    {
        if (key.Length > FeatureFlag.MaxKeyLength || !KeyPattern().IsMatch(key))
        {
            return FlagErrors.InvalidKey(key);
        }

        return (scope, scopeId) switch
        {
            (FlagScope.Global, not null) => HttpErrors.Invalid("scope_id", "is not allowed for the global record"),
            (not FlagScope.Global, null) => FlagErrors.WithoutScopeId(scope),
            _ => null,
        };
    }

    [GeneratedRegex("^[a-z][a-z0-9_]*\\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex KeyPattern();
}

/// <summary>A record of a flag.</summary>
/// <param name="Id">The identifier.</param>
/// <param name="Key">What it switches.</param>
/// <param name="Enabled">On or off.</param>
/// <param name="ScopeType">Whom it is for.</param>
/// <param name="ScopeId">Which merchant or user.</param>
/// <param name="Description">For people.</param>
/// <param name="CreatedAt">When it was made, UTC.</param>
/// <param name="UpdatedAt">When it was last set, UTC.</param>
public sealed record FlagResponse(
    Guid Id,
    string Key,
    bool Enabled,
    FlagScope ScopeType,
    Guid? ScopeId,
    string? Description,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt
)
{
    internal static FlagResponse Of(FeatureFlag flag) =>
        new(
            flag.Id,
            flag.Key,
            flag.Enabled,
            flag.ScopeType,
            flag.ScopeId,
            flag.Description,
            flag.CreatedAt,
            flag.UpdatedAt
        );
}
