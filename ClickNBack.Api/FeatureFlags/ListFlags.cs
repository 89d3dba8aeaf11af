using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ClickNBack.Api.FeatureFlags;

/// <summary>Lists the records of flags, newest first.</summary>
public static class ListFlags
{
    /// <summary>What is asked.</summary>
    public sealed record Request(string? Key, FlagScope? ScopeType, Guid? ScopeId, Paging Paging) : IRequest<Request>
    {
        /// <inheritdoc/>
        public static Request Read(Fields fields) =>
            new(
                fields.OptionalText("key"),
                fields.OptionalChoice<FlagScope>("scope_type"),
                fields.OptionalId("scope_id"),
                Paging.Read(fields)
            );
    }

    /// <summary>The handler.</summary>
    public static async Task<Ok<Page<FlagResponse>>> Handle(
        Query<Request> query,
        ClickNBackDbContext db,
        CancellationToken cancel
    )
    {
        var (key, scope, scopeId, paging) = query.Value;
        IQueryable<FeatureFlag> flags = db.FeatureFlags;
        if (key is not null)
        {
            flags = flags.Where(it => it.Key == key);
        }

        if (scope is { } wanted)
        {
            flags = flags.Where(it => it.ScopeType == wanted);
        }

        if (scopeId is { } id)
        {
            flags = flags.Where(it => it.ScopeId == id);
        }

        return TypedResults.Ok(
            await flags
                .OrderByDescending(it => it.CreatedAt)
                .ThenByDescending(it => it.Id)
                .Select(it => new FlagResponse(
                    it.Id,
                    it.Key,
                    it.Enabled,
                    it.ScopeType,
                    it.ScopeId,
                    it.Description,
                    it.CreatedAt,
                    it.UpdatedAt
                ))
                .ToPageAsync(paging, cancel)
        );
    }
}
