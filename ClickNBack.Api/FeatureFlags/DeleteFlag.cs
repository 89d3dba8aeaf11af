using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.FeatureFlags;

/// <summary>Deletes one record of a flag.</summary>
public static class DeleteFlag
{
    /// <summary>What is asked.</summary>
    public sealed record Request(FlagScope ScopeType, Guid? ScopeId) : IRequest<Request>
    {
        /// <inheritdoc/>
        public static Request Read(Fields fields) =>
            new(fields.Choice<FlagScope>("scope_type"), fields.OptionalId("scope_id"));
    }

    /// <summary>The handler.</summary>
    public static async Task<Results<NoContent, ApiError>> Handle(
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

        var deleted = await db
            .FeatureFlags.Where(it => it.Key == key && it.ScopeType == scope && it.ScopeId == scopeId)
            .ExecuteDeleteAsync(cancel);
        return deleted == 1
            ? TypedResults.NoContent()
            : FlagErrors.NotFound.With(
                $"The flag {key} has no such record.",
                new
                {
                    key,
                    scope_type = scope,
                    scope_id = scopeId,
                }
            );
    }
}
