using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ClickNBack.Api.Audit;

/// <summary>Lists audited actions, newest first, for administrators (contract D9).</summary>
internal static class ListAuditLogs
{
    /// <summary><c>from</c> and <c>to</c> are days, and both count.</summary>
    internal sealed record Request : Paging
    {
        public Guid? ActorId { get; init; }

        [StringLength(10_000)]
        public string? Action { get; init; }

        [StringLength(10_000)]
        public string? ResourceType { get; init; }

        public Guid? ResourceId { get; init; }

        public DateOnly? From { get; init; }

        public DateOnly? To { get; init; }
    }

    public static async Task<Ok<Page<AuditLogResponse>>> HandleAsync(
        Query<Request> query,
        ClickNBackDbContext db,
        CancellationToken cancel
    )
    {
        var request = query.Value;
        IQueryable<AuditLog> logs = db.AuditLogs;
        if (request.ActorId is { } actor)
        {
            logs = logs.Where(it => it.ActorId == actor);
        }

        if (request.Action is { } action)
        {
            logs = logs.Where(it => it.Action == action);
        }

        if (request.ResourceType is { } type)
        {
            logs = logs.Where(it => it.ResourceType == type);
        }

        if (request.ResourceId is { } resource)
        {
            logs = logs.Where(it => it.ResourceId == resource);
        }

        if (Days.StartOf(request.From) is { } from)
        {
            logs = logs.Where(it => it.OccurredAt >= from);
        }

        if (Days.EndOf(request.To) is { } until)
        {
            logs = logs.Where(it => it.OccurredAt < until);
        }

        var page = await logs.OrderByDescending(it => it.OccurredAt)
            .ThenByDescending(it => it.Id)
            .ToPageAsync(request, cancel);
        return TypedResults.Ok(new Page<AuditLogResponse>([.. page.Data.Select(Response)], page.Pagination));
    }

    private static AuditLogResponse Response(AuditLog log) =>
        new(
            log.Id,
            log.OccurredAt,
            log.ActorType,
            log.ActorId,
            log.Action,
            log.ResourceType,
            log.ResourceId,
            log.Outcome,
            log.Details is null ? null : JsonSerializer.Deserialize<JsonElement>(log.Details)
        );
}
