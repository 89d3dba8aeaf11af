using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
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
        ClickNBackDbContext db,
        CancellationToken cancel
    )
    {
        var (scope, scopeId) = (query.Value.ScopeType, query.Value.ScopeId);
        if (FlagAddress.Refuse(key, scope, scopeId) is { } refusal)
        {
            return refusal;
        }

        var deleted = await db
            .FeatureFlags.Where(it => it.Key == key && it.ScopeType == scope && it.ScopeId == scopeId)
            .ExecuteDeleteAsync(cancel);
        return deleted == 1 ? TypedResults.NoContent() : FlagErrors.NotFound.With((key, scope, scopeId));
    }
}
