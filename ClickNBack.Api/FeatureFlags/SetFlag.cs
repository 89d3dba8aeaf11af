using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.FeatureFlags;

/// <summary>Sets a flag for everybody, a merchant or a user.</summary>
public static class SetFlag
{
    /// <summary>What is asked; without a description the old one stays.</summary>
    public sealed record Request(bool Enabled, FlagScope ScopeType, Guid? ScopeId, string? Description)
        : IRequest<Request>
    {
        /// <inheritdoc/>
        public static Request Read(Fields fields) =>
            new(
                fields.Flag("enabled"),
                fields.OptionalChoice<FlagScope>("scope_type") ?? FlagScope.Global,
                fields.OptionalId("scope_id"),
                fields.OptionalText("description", 1000)
            );
    }

    /// <summary>The handler.</summary>
    public static async Task<Results<Ok<FlagResponse>, ApiError>> Handle(
        string key,
        Body<Request> body,
        ClickNBackDbContext db,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        var (enabled, scope, scopeId, description) = body.Value;
        if (FlagAddress.Refuse(key, scope, scopeId) is { } refusal)
        {
            return refusal;
        }

        // One statement, so that of any number of simultaneous ones each succeeds and one record remains.
        var now = time.GetUtcNow();
        var set = await db
            .FeatureFlags.FromSql(
                $"""
                INSERT INTO feature_flags AS flag (id, key, enabled, scope_type, scope_id, description, created_at, updated_at)
                VALUES ({Guid.CreateVersion7(now)}, {key}, {enabled}, {Json.Name(
                    scope
                )}, {scopeId}, {description}, {now}, {now})
                ON CONFLICT (key, scope_type, scope_id) DO UPDATE
                SET enabled = EXCLUDED.enabled,
                    description = coalesce(EXCLUDED.description, flag.description),
                    updated_at = EXCLUDED.updated_at
                RETURNING *
                """
            )
            .AsNoTracking()
            .ToListAsync(cancel);
        return TypedResults.Ok(FlagResponse.Of(set.Single()));
    }
}
