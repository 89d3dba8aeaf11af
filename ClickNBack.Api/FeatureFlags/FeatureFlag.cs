using ClickNBack.Api.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ClickNBack.Api.FeatureFlags;

/// <summary>Whom a flag's record is for.</summary>
internal enum FlagScope
{
    /// <summary>Everybody without a record of their own.</summary>
    Global,

    Merchant,

    User,
}

/// <summary>A switch: one record a key and scope.</summary>
internal sealed class FeatureFlag
{
    public const int MaxKeyLength = 100;

    public required Guid Id { get; init; }

    /// <summary>What it switches: lower-case letters, digits and underscores, a letter first.</summary>
    public required string Key { get; init; }

    public required bool Enabled { get; set; }

    /// <summary>Whom it is for.</summary>
    public required FlagScope ScopeType { get; init; }

    /// <summary>The merchant or user; null for the global record.</summary>
    public Guid? ScopeId { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last set, UTC.</summary>
    public required DateTimeOffset UpdatedAt { get; set; }

    /// <summary>What the audit log says of it.</summary>
    public object ForAudit() =>
        new
        {
            Key,
            Enabled,
            ScopeType,
            ScopeId,
        };
}

internal sealed class FeatureFlagMapping : IEntityTypeConfiguration<FeatureFlag>
{
    public void Configure(EntityTypeBuilder<FeatureFlag> flag)
    {
        flag.ToTable(
            "feature_flags",
            table =>
                table
                    .Check("key", "key ~ '^[a-z][a-z0-9_]*$'")
                    .CheckChoice<FeatureFlag, FlagScope>("scope_type")
                    .Check("scope_id", "(scope_type = 'global') = (scope_id IS NULL)")
        );
        flag.Property(it => it.Key).HasMaxLength(FeatureFlag.MaxKeyLength);
        flag.HasIndex(it => new
            {
                it.Key,
                it.ScopeType,
                it.ScopeId,
            })
            .IsUnique()
            .AreNullsDistinct(false);
    }
}
