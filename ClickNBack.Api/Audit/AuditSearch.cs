using System.Runtime.CompilerServices;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Audit;

/// <summary>What is looked for in the audit log; what is not given does not matter.</summary>
internal sealed record AuditFilter
{
    public string? Action { get; init; }

    public Guid? ActorId { get; init; }

    public Guid? ResourceId { get; init; }

    /// <summary>The first day, UTC.</summary>
    public DateOnly? From { get; init; }

    /// <summary>The last day, UTC.</summary>
    public DateOnly? To { get; init; }
}

/// <summary>A row of the audit log by its place in it.</summary>
/// <param name="OccurredAt">When, UTC.</param>
/// <param name="Id">The row.</param>
internal sealed record AuditPlace(DateTimeOffset OccurredAt, Guid Id)
{
    public static AuditPlace Of(AuditLog log) => new(log.OccurredAt, log.Id);
}

/// <summary>Searches the audit log, newest first and page by page, each as quick as the first.</summary>
internal sealed class AuditSearch(ClickNBackDbContext db)
{
    // A statement may take so long and no longer: what is exported is asked for in parts.
    private const int PartSize = 2000;

    /// <summary>The rows after a place, or the newest.</summary>
    public Task<List<AuditLog>> FindAsync(AuditFilter filter, AuditPlace? after, int limit, CancellationToken cancel)
    {
        var logs = db.AuditLogs.AsNoTracking();
        if (filter.Action is { Length: > 0 } action)
        {
            logs = logs.Where(it => it.Action == action);
        }

        if (filter.ActorId is { } actor)
        {
            logs = logs.Where(it => it.ActorId == actor);
        }

        if (filter.ResourceId is { } resource)
        {
            logs = logs.Where(it => it.ResourceId == resource);
        }

        if (Days.StartOf(filter.From) is { } from)
        {
            logs = logs.Where(it => it.OccurredAt >= from);
        }

        if (Days.EndOf(filter.To) is { } until)
        {
            logs = logs.Where(it => it.OccurredAt < until);
        }

        if (after is var (occurredAt, id))
        {
            logs = logs.Where(it =>
                EF.Functions.LessThan(ValueTuple.Create(it.OccurredAt, it.Id), ValueTuple.Create(occurredAt, id))
            );
        }

        return logs.OrderByDescending(it => it.OccurredAt)
            .ThenByDescending(it => it.Id)
            .Take(limit)
            .ToListAsync(cancel);
    }

    /// <summary>All rows, however many.</summary>
    public async IAsyncEnumerable<AuditLog> AllAsync(
        AuditFilter filter,
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        AuditPlace? after = null;
        List<AuditLog> part;
        do
        {
            part = await FindAsync(filter, after, PartSize, cancel);
            foreach (var log in part)
            {
                yield return log;
            }

            after = part is [.., var last] ? AuditPlace.Of(last) : null;
        } while (part.Count == PartSize);
    }
}
