using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ClickNBack.Api.Idempotency;

/// <summary>The response to a request that had an effect, stored with it so that a retry gets the same.</summary>
internal sealed class StoredResponse
{
    public required Guid UserId { get; init; }

    public required string Key { get; init; }

    /// <summary>Of route and body, by <see cref="Fingerprints"/>: what the key stands for.</summary>
    public required byte[] Fingerprint { get; init; }

    public required int StatusCode { get; init; }

    public string? Location { get; init; }

    /// <summary>The body, byte for byte.</summary>
    public required byte[] Body { get; init; }

    /// <summary>When it was given, UTC; stored for 24 hours.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

internal sealed class StoredResponseMapping : IEntityTypeConfiguration<StoredResponse>
{
    public void Configure(EntityTypeBuilder<StoredResponse> response)
    {
        response.ToTable(
            "idempotency_keys",
            table =>
                table
                    .Check("key", "key <> ''")
                    .Check("fingerprint", $"octet_length(fingerprint) = {Fingerprints.Length}")
        );
        response.HasKey(it => new { it.UserId, it.Key });
        response.Property(it => it.Key).HasMaxLength(IdempotencyKey.MaxLength);
        response.HasIndex(it => it.CreatedAt); // for forgetting them
        response.HasOne<User>().WithMany().HasForeignKey(it => it.UserId);
    }
}
