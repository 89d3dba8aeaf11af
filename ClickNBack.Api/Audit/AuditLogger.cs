using System.Data.Common;
using System.Runtime.CompilerServices;
using ClickNBack.Api.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace ClickNBack.Api.Audit;

/// <summary>Writes one log line for each audit row, once it is committed and not before (contract 3.5).</summary>
internal sealed partial class AuditLogger(ILogger<AuditLogger> logger)
    : DbTransactionInterceptor,
        ISaveChangesInterceptor
{
    private sealed class Rows
    {
        public List<AuditLog> Saving { get; } = [];

        public List<AuditLog> Uncommitted { get; } = [];
    }

    private readonly ConditionalWeakTable<DbContext, Rows> _rows = [];

    public ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData,
        InterceptionResult<int> result,
        CancellationToken cancellationToken = default
    )
    {
        var saving = _rows.GetOrCreateValue(eventData.Context!).Saving;
        saving.Clear();
        saving.AddRange(
            eventData
                .Context!.ChangeTracker.Entries<AuditLog>()
                .Where(entry => entry.State == EntityState.Added)
                .Select(entry => entry.Entity)
        );
        return ValueTask.FromResult(result);
    }

    public ValueTask<int> SavedChangesAsync(
        SaveChangesCompletedEventData eventData,
        int result,
        CancellationToken cancellationToken = default
    )
    {
        var rows = _rows.GetOrCreateValue(eventData.Context!);
        if (eventData.Context!.Database.CurrentTransaction is null)
        {
            LogAndForget(rows.Saving); // saved in a transaction of its own, which is committed by now
        }
        else
        {
            rows.Uncommitted.AddRange(rows.Saving);
            rows.Saving.Clear();
        }

        return ValueTask.FromResult(result);
    }

    public override ValueTask<DbTransaction> TransactionStartedAsync(
        DbConnection connection,
        TransactionEndEventData eventData,
        DbTransaction result,
        CancellationToken cancellationToken = default
    )
    {
        if (eventData.Context is { } context && _rows.TryGetValue(context, out var rows))
        {
            rows.Uncommitted.Clear(); // of an earlier transaction that was given up
        }

        return ValueTask.FromResult(result);
    }

    public override Task TransactionCommittedAsync(
        DbTransaction transaction,
        TransactionEndEventData eventData,
        CancellationToken cancellationToken = default
    )
    {
        if (eventData.Context is { } context && _rows.TryGetValue(context, out var rows))
        {
            LogAndForget(rows.Uncommitted);
        }

        return Task.CompletedTask;
    }

    private void LogAndForget(List<AuditLog> rows)
    {
        Log(rows);
        rows.Clear();
    }

    [LoggerMessage(LogLevel.Information, "{Action} of {ResourceType} {ResourceId} by {ActorType} {ActorId}: {Outcome}")]
    private static partial void Done(
        ILogger logger,
        string action,
        string resourceType,
        Guid resourceId,
        string actorType,
        Guid? actorId,
        string outcome
    );

    /// <summary>Writes the lines of rows that are committed.</summary>
    public void Log(IEnumerable<AuditLog> rows)
    {
        foreach (var row in rows)
        {
            Done(
                logger,
                row.Action,
                row.ResourceType,
                row.ResourceId,
                Json.Name(row.ActorType),
                row.ActorId,
                Json.Name(row.Outcome)
            );
        }
    }
}
