using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ClickNBack.Api.Idempotency;

/// <summary>The answer to a request that had an effect, kept with it so that a retry gets the same.</summary>
public sealed class KeptAnswer
{
    /// <summary>Who asked.</summary>
    public required Guid UserId { get; init; }

    /// <summary>Under which key.</summary>
    public required string Key { get; init; }

    /// <summary>SHA-256 of route and body: what the key stands for.</summary>
    public required byte[] Fingerprint { get; init; }

    /// <summary>The HTTP status.</summary>
    public required int StatusCode { get; init; }

    /// <summary>The <c>Location</c> header.</summary>
    public string? Location { get; init; }

    /// <summary>The body, byte for byte.</summary>
    public required byte[] Body { get; init; }

    /// <summary>When it was given, UTC; kept for 24 hours.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

internal sealed class KeptAnswerMapping : IEntityTypeConfiguration<KeptAnswer>
{
    public void Configure(EntityTypeBuilder<KeptAnswer> answer)
    {
        answer.ToTable(
            "idempotency_keys",
            table => table.Check("key", "key <> ''").Check("fingerprint", "octet_length(fingerprint) = 32")
        );
        answer.HasKey(it => new { it.UserId, it.Key });
        answer.Property(it => it.Key).HasMaxLength(IdempotencyKey.MaxLength);
        answer.HasIndex(it => it.CreatedAt); // for forgetting them
        answer.HasOne<User>().WithMany().HasForeignKey(it => it.UserId);
    }
}
