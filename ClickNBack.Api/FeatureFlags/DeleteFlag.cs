using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.FeatureFlags;

internal static class DeleteFlag
{
    internal sealed record Request
    {
        public required FlagScope ScopeType { get; init; }

        public Guid? ScopeId { get; init; }
    }

    public static async Task<Results<NoContent, ApiError>> HandleAsync(
        string key,
        Query<Request> query,
        Caller caller,
        ClickNBackDbContext db,
        AuditTrail audit,
        CancellationToken cancel
    )
    {
        var (scope, scopeId) = (query.Value.ScopeType, query.Value.ScopeId);
        if (FlagAddress.Refuse(key, scope, scopeId) is { } refusal)
        {
            return refusal;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var deleted = await db
            .FeatureFlags.FromSql(
                $"""
                DELETE FROM feature_flags
                WHERE key = {key} AND scope_type = {Json.Name(scope)} AND scope_id IS NOT DISTINCT FROM {scopeId}
                RETURNING *
                """
            )
            .AsNoTracking()
            .ToListAsync(cancel);
        if (deleted is not [var flag])
        {
            return FlagErrors.NotFound.With((key, scope, scopeId));
        }

        audit.Record(
            Actor.Of(caller),
            AuditActions.FeatureFlagDeleted,
            FlagKeys.ResourceType,
            flag.Id,
            flag.ForAudit()
        );
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return TypedResults.NoContent();
    }
}
