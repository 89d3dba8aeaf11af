using System.ComponentModel.DataAnnotations;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ClickNBack.Api.FeatureFlags;

/// <summary>Lists the records of flags, newest first.</summary>
internal static class ListFlags
{
    internal sealed record Request : Paging
    {
        [StringLength(10_000)]
        public string? Key { get; init; }

        public FlagScope? ScopeType { get; init; }

        public Guid? ScopeId { get; init; }
    }

    public static async Task<Ok<Page<FlagResponse>>> HandleAsync(
        Query<Request> query,
        ClickNBackDbContext db,
        CancellationToken cancel
    )
    {
        var request = query.Value;
        IQueryable<FeatureFlag> flags = db.FeatureFlags;
        if (request.Key is { } key)
        {
            flags = flags.Where(it => it.Key == key);
        }

        if (request.ScopeType is { } scope)
        {
            flags = flags.Where(it => it.ScopeType == scope);
        }

        if (request.ScopeId is { } id)
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
                .ToPageAsync(request, cancel)
        );
    }
}
