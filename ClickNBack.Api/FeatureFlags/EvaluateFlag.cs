using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ClickNBack.Api.FeatureFlags;

/// <summary>Tells whether a flag is on for somebody: their record, else the global one, else on.</summary>
public static class EvaluateFlag
{
    /// <summary>What is asked.</summary>
    public sealed record Request(FlagScope ScopeType, Guid? ScopeId) : IRequest<Request>
    {
        /// <inheritdoc/>
        public static Request Read(Fields fields) =>
            new(fields.OptionalChoice<FlagScope>("scope_type") ?? FlagScope.Global, fields.OptionalId("scope_id"));
    }

    /// <summary>The answer.</summary>
    /// <param name="Key">The flag.</param>
    /// <param name="Enabled">On or off.</param>
    public sealed record Response(string Key, bool Enabled);

    /// <summary>The handler.</summary>
    public static async Task<Results<Ok<Response>, ApiError>> Handle(
        string key,
        Query<Request> query,
        ClickNBackDbContext db,
        CancellationToken cancel
    )
    {
        var (scope, scopeId) = query.Value;
        if (FlagAddress.Refuse(key, scope, scopeId) is { } refusal)
        {
            return refusal;
        }

        var records = await FlagRecords.LoadAsync(db, key, scopeId is { } id ? [id] : [], cancel);
        return TypedResults.Ok(new Response(key, records.IsEnabled(scope, scopeId)));
    }
}
