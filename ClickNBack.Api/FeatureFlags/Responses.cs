namespace ClickNBack.Api.FeatureFlags;

/// <summary>A record of a flag.</summary>
/// <param name="Id">The identifier.</param>
/// <param name="Key">What it switches.</param>
/// <param name="Enabled">On or off.</param>
/// <param name="ScopeType">Whom it is for.</param>
/// <param name="ScopeId">Which merchant or user.</param>
/// <param name="Description">For people.</param>
/// <param name="CreatedAt">When it was made, UTC.</param>
/// <param name="UpdatedAt">When it was last set, UTC.</param>
internal sealed record FlagResponse(
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

/// <summary>Whether a flag is on for somebody.</summary>
/// <param name="Key">The flag.</param>
/// <param name="Enabled">On or off.</param>
internal sealed record FlagEvaluationResponse(string Key, bool Enabled);
