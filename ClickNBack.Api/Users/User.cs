using ClickNBack.Api.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ClickNBack.Api.Users;

/// <summary>What an account may do.</summary>
internal enum Role
{
    /// <summary>Buys, earns and withdraws.</summary>
    User,

    /// <summary>Also runs the platform.</summary>
    Admin,
}

/// <summary>A person with an account.</summary>
internal sealed class User
{
    public required Guid Id { get; init; }

    /// <summary>As given, with the domain in lower case.</summary>
    public required string Email { get; init; }

    /// <summary>In upper case: what uniqueness and login compare.</summary>
    public required string NormalizedEmail { get; init; }

    /// <summary>Made by ASP.NET Core Identity's password hasher.</summary>
    public required string PasswordHash { get; init; }

    /// <summary>What the account may do.</summary>
    public Role Role { get; init; }

    /// <summary>Whether the account may be used at all.</summary>
    public bool Active { get; init; } = true;

    /// <summary>When the account was made, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

internal sealed class UserMapping : IEntityTypeConfiguration<User>
{
    public const string UniqueEmail = "ux_users_normalized_email";

    public void Configure(EntityTypeBuilder<User> user)
    {
        user.ToTable("users", table => table.CheckChoice<User, Role>("role").Check("email", "email IS NFC NORMALIZED"));
        user.HasIndex(it => it.NormalizedEmail).IsUnique();
        user.Property(it => it.Role).HasDefaultValue(Role.User); // so the API, whose role may not write it, need not
        user.Property(it => it.Email).HasMaxLength(EmailAddress.MaxLength);
        user.Property(it => it.NormalizedEmail).HasMaxLength(EmailAddress.MaxLength);
    }
}
