using System.Text.Json;
using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.OpenApi;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ClickNBack.Api.Audit;

/// <summary>One audited action.</summary>
/// <param name="Id">The identifier.</param>
/// <param name="OccurredAt">When, UTC.</param>
/// <param name="ActorType">Who acted.</param>
/// <param name="ActorId">Which account; null for the platform.</param>
/// <param name="Action">What was done.</param>
/// <param name="ResourceType">To what kind of thing.</param>
/// <param name="ResourceId">To which thing.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Details">What else matters.</param>
public sealed record AuditLogResponse(
    Guid Id,
    DateTimeOffset OccurredAt,
    ActorType ActorType,
    Guid? ActorId,
    string Action,
    string ResourceType,
    Guid ResourceId,
    AuditOutcome Outcome,
    JsonElement? Details
);

/// <summary>Lists audited actions, newest first, for administrators (contract D9).</summary>
public static class ListAuditLogs
{
    /// <summary>What is asked; <c>from</c> and <c>to</c> are days, and both count.</summary>
    public sealed record Request(
        Guid? ActorId,
        string? Action,
        string? ResourceType,
        Guid? ResourceId,
        DateOnly? From,
        DateOnly? To,
        Paging Paging
    ) : IRequest<Request>
    {
        /// <inheritdoc/>
        public static Request Read(Fields fields) =>
            new(
                fields.OptionalId("actor_id"),
                fields.OptionalText("action"),
                fields.OptionalText("resource_type"),
                fields.OptionalId("resource_id"),
                fields.OptionalDate("from"),
                fields.OptionalDate("to"),
                Paging.Read(fields)
            );
    }

    /// <summary>The handler.</summary>
    public static async Task<Ok<Page<AuditLogResponse>>> Handle(
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
            .ToPageAsync(request.Paging, cancel);
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

/// <summary>The audit log.</summary>
public static class AuditRoutes
{
    /// <summary>Maps it.</summary>
    public static void MapAudit(this IEndpointRouteBuilder api) =>
        api.MapGet("/admin/audit-logs", ListAuditLogs.Handle)
            .Describe("ListAuditLogs", "List what was done", "Newest first; both days count.")
            .AnswersPageOf(AuditExamples.Reversal)
            .WithTags("Audit")
            .RequireAuthorization(BearerAuthentication.AdminPolicy);
}
