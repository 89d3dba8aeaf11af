using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ClickNBack.Api.Auth;

/// <summary>All refresh tokens that descend from one login (contract D5).</summary>
internal sealed class RefreshTokenFamily
{
    public required Guid Id { get; init; }

    /// <summary>Whose login it was.</summary>
    public required Guid UserId { get; init; }

    /// <summary>When the login was, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was logged out or found stolen; null while it is usable.</summary>
    public DateTimeOffset? RevokedAt { get; init; }
}

/// <summary>A refresh token, of which only the hash is kept. It is used once.</summary>
internal sealed class RefreshToken
{
    public required Guid Id { get; init; }

    /// <summary>The login it descends from.</summary>
    public required Guid FamilyId { get; init; }

    public required Guid UserId { get; init; }

    /// <summary>SHA-256 of the token, in lower-case hexadecimal.</summary>
    public required string TokenHash { get; init; }

    /// <summary>When it was issued, UTC.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>From when on it is worthless, UTC.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When it was exchanged for its successor; null while it is unspent.</summary>
    public DateTimeOffset? UsedAt { get; init; }

    /// <summary>How many tokens of the family came before it.</summary>
    public int RotationCount { get; init; }
}

internal sealed class RefreshTokenFamilyMapping : IEntityTypeConfiguration<RefreshTokenFamily>
{
    public void Configure(EntityTypeBuilder<RefreshTokenFamily> family)
    {
        family.ToTable("refresh_token_families");
        family.HasIndex(it => it.UserId);
        family.HasOne<User>().WithMany().HasForeignKey(it => it.UserId);
    }
}

internal sealed class RefreshTokenMapping : IEntityTypeConfiguration<RefreshToken>
{
    public void Configure(EntityTypeBuilder<RefreshToken> token)
    {
        token.ToTable(
            "refresh_tokens",
            table =>
                table.Check("lifetime", "expires_at > issued_at").Check("token_hash", "token_hash ~ '^[0-9a-f]{64}$'")
        );
        token.HasIndex(it => it.TokenHash).IsUnique();
        token.HasIndex(it => it.UserId);
        token.HasIndex(it => it.ExpiresAt);
        token.HasIndex(it => it.FamilyId);
        token.HasOne<User>().WithMany().HasForeignKey(it => it.UserId);
        token.HasOne<RefreshTokenFamily>().WithMany().HasForeignKey(it => it.FamilyId);
    }
}
