using ClickNBack.Api.Merchants;
using ClickNBack.Api.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ClickNBack.Api.Reports;

/// <summary>
/// What a merchant signs its reports with. There are two at most, so that one can be replaced while the other still holds.
/// </summary>
internal sealed class WebhookSecret
{
    /// <summary>How many may hold at a time.</summary>
    public const int MaxPerMerchant = 2;

    /// <summary>What <see cref="FieldEncryption"/> calls it.</summary>
    public const string EncryptedField = "webhook_secrets.ciphertext";

    /// <summary>The identifier.</summary>
    public required Guid Id { get; init; }

    /// <summary>Whose.</summary>
    public required Guid MerchantId { get; init; }

    /// <summary>The first or the second; free again once it is revoked.</summary>
    public required int Slot { get; init; }

    /// <summary>The secret, encrypted.</summary>
    public required byte[] Ciphertext { get; init; }

    /// <summary>When it was made, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Since when it does not hold any more, UTC.</summary>
    public DateTimeOffset? RevokedAt { get; init; }
}

internal sealed class WebhookSecretMapping : IEntityTypeConfiguration<WebhookSecret>
{
    public const string UniqueSlot = "ux_webhook_secrets_merchant_id_slot";

    public void Configure(EntityTypeBuilder<WebhookSecret> secret)
    {
        secret.ToTable("webhook_secrets", table => table.Check("slot", "slot IN (1, 2)"));
        secret.HasIndex(it => new { it.MerchantId, it.Slot }).IsUnique().HasFilter("revoked_at IS NULL");
        secret.HasOne<Merchant>().WithMany().HasForeignKey(it => it.MerchantId);
    }
}
