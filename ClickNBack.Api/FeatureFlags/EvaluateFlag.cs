using ClickNBack.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

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
        NpgsqlDataSource database,
        CancellationToken cancel
    )
    {
        var (scope, scopeId) = (query.Value.ScopeType, query.Value.ScopeId);
        if (FlagAddress.Refuse(key, scope, scopeId) is { } refusal)
        {
            return refusal;
        }

        var records = await FlagRecords.LoadAsync(database, key, scopeId is { } id ? [id] : [], cancel);
        return TypedResults.Ok(new FlagEvaluationResponse(key, records.IsEnabled(scope, scopeId)));
    }
}
