using System.ComponentModel.DataAnnotations;
using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.FeatureFlags;

/// <summary>Sets a flag for everybody, a merchant or a user; without a description the old one stays.</summary>
internal static class SetFlag
{
    internal sealed record Request
    {
        public required bool Enabled { get; init; }

        public FlagScope ScopeType { get; init; } = FlagScope.Global;

        public Guid? ScopeId { get; init; }

        [StringLength(1000)]
        public string? Description { get; init; }
    }

    public static async Task<Results<Ok<FlagResponse>, ApiError>> HandleAsync(
        string key,
        Body<Request> body,
        Caller caller,
        ClickNBackDbContext db,
        AuditTrail audit,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        var request = body.Value;
        if (FlagAddress.Refuse(key, request.ScopeType, request.ScopeId) is { } refusal)
        {
            return refusal;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancel);

        // One statement, so that of any number of simultaneous ones each succeeds and one record remains.
        var now = time.GetUtcNow();
        var scope = Json.Name(request.ScopeType);
        var set = await db
            .FeatureFlags.FromSql(
                $"""
                INSERT INTO feature_flags AS flag (id, key, enabled, scope_type, scope_id, description, created_at, updated_at)
                VALUES ({Guid.CreateVersion7(
                    now
                )}, {key}, {request.Enabled}, {scope}, {request.ScopeId}, {request.Description}, {now}, {now})
                ON CONFLICT (key, scope_type, scope_id) DO UPDATE
                SET enabled = EXCLUDED.enabled,
                    description = coalesce(EXCLUDED.description, flag.description),
                    updated_at = EXCLUDED.updated_at
                RETURNING *
                """
            )
            .AsNoTracking()
            .ToListAsync(cancel);
        var flag = set.Single();
        audit.Record(Actor.Of(caller), AuditActions.FeatureFlagSet, FlagKeys.ResourceType, flag.Id, flag.ForAudit());
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return TypedResults.Ok(FlagResponse.Of(flag));
    }
}
