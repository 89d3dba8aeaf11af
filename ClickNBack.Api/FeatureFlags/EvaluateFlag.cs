using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ClickNBack.Api.FeatureFlags;

/// <summary>Tells whether a flag is on for somebody: their record, else the global one, else on.</summary>
internal static class EvaluateFlag
{
    internal sealed record Request
    {
        public FlagScope ScopeType { get; init; } = FlagScope.Global;

        public Guid? ScopeId { get; init; }
    }

    public static async Task<Results<Ok<FlagEvaluationResponse>, ApiError>> HandleAsync(
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

        var records = await FlagRecords.LoadAsync(db, key, scopeId is { } id ? [id] : [], cancel);
        return TypedResults.Ok(new FlagEvaluationResponse(key, records.IsEnabled(scope, scopeId)));
    }
}
