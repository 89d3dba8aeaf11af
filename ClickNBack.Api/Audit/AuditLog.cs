using ClickNBack.Api.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ClickNBack.Api.Audit;

/// <summary>Who acted.</summary>
internal enum ActorType
{
    /// <summary>The platform itself.</summary>
    System,

    Admin,

    User,
}

/// <summary>How an action ended.</summary>
internal enum AuditOutcome
{
    /// <summary>It was done.</summary>
    Success,

    /// <summary>It was refused or failed.</summary>
    Failure,
}

/// <summary>One thing that was done, by whom and to what. Append-only (contract 3.5).</summary>
internal sealed class AuditLog
{
    public required Guid Id { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    public required ActorType ActorType { get; init; }

    /// <summary>Who acted; null for the platform itself.</summary>
    public Guid? ActorId { get; init; }

    /// <summary>What was done, one of <see cref="AuditActions"/>.</summary>
    public required string Action { get; init; }

    /// <summary>To what kind of thing.</summary>
    public required string ResourceType { get; init; }

    /// <summary>To which thing.</summary>
    public required Guid ResourceId { get; init; }

    public AuditOutcome Outcome { get; init; } = AuditOutcome.Success;

    /// <summary>A JSON object; null if there is nothing to add.</summary>
    public string? Details { get; init; }
}

internal sealed class AuditLogMapping : IEntityTypeConfiguration<AuditLog>
{
    public void Configure(EntityTypeBuilder<AuditLog> log)
    {
        log.ToTable(
            "audit_logs",
            table =>
                table
                    .CheckChoice<AuditLog, ActorType>("actor_type")
                    .CheckChoice<AuditLog, AuditOutcome>("outcome")
                    .Check("actor", "(actor_type = 'system') = (actor_id IS NULL)")
        );
        log.Property(it => it.Action).HasMaxLength(64);
        log.Property(it => it.ResourceType).HasMaxLength(64);
        log.Property(it => it.Details).HasColumnType("jsonb");
        log.HasIndex(it => new { it.OccurredAt, it.Id });
        log.HasIndex(it => new { it.ActorId, it.OccurredAt });
        log.HasIndex(it => new { it.Action, it.OccurredAt });
        log.HasIndex(it => new { it.ResourceId, it.OccurredAt });
    }
}
