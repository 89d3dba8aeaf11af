using ClickNBack.Api.Ledger;
using ClickNBack.Api.Merchants;
using ClickNBack.Api.Offers;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ClickNBack.Api.Purchases;

/// <summary>Where a purchase stands (contract 3.3).</summary>
internal enum PurchaseStatus
{
    /// <summary>Recorded, not verified yet.</summary>
    Pending,

    /// <summary>Verified: its cashback is available.</summary>
    Confirmed,

    /// <summary>Not verified in all attempts. Final.</summary>
    Rejected,

    /// <summary>Taken back by an administrator. Final.</summary>
    Reversed,
}

/// <summary>
/// A purchase at a partner merchant. What was bought never changes; its status does, and only along
/// pending → confirmed | rejected | reversed and confirmed → reversed, which the database enforces too.
/// </summary>
internal sealed class Purchase : ICashback
{
    /// <summary>The longest external id, in characters.</summary>
    public const int MaxExternalIdLength = 255;

    public required Guid Id { get; init; }

    /// <summary>The merchant's or affiliate network's identifier, unique across all users.</summary>
    public required string ExternalId { get; init; }

    /// <summary>Who bought.</summary>
    public required Guid UserId { get; init; }

    public required Guid MerchantId { get; init; }

    public Merchant? Merchant { get; init; }

    /// <summary>The offer in force at ingestion; later changes of it do not matter.</summary>
    public required Guid OfferId { get; init; }

    /// <summary>What was paid, EUR, above 0.</summary>
    public required decimal Amount { get; init; }

    /// <summary>What it was promised to earn, EUR; never changes.</summary>
    public required decimal CashbackAmount { get; init; }

    /// <summary>Always EUR.</summary>
    public string Currency { get; init; } = "EUR";

    public PurchaseStatus Status { get; set; } = PurchaseStatus.Pending;

    /// <summary>When it was recorded, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it last left a status, UTC; null while pending.</summary>
    public DateTimeOffset? ResolvedAt { get; set; }

    /// <summary>How many attempts to verify it have failed.</summary>
    public int VerificationFailures { get; set; }

    /// <summary>From when on the verification job may take it, UTC.</summary>
    public required DateTimeOffset NextVerificationAt { get; set; }

    /// <summary>The cashback that a purchase shows: none once it is reversed (contract 3.3).</summary>
    public static decimal CashbackNow(PurchaseStatus status, decimal promised) =>
        status == PurchaseStatus.Reversed ? 0 : promised;
}

internal sealed class PurchaseMapping : IEntityTypeConfiguration<Purchase>
{
    public const string UniqueExternalId = "ux_purchases_external_id";

    public void Configure(EntityTypeBuilder<Purchase> purchase)
    {
        purchase.ToTable(
            "purchases",
            table =>
                table
                    .Check("external_id", "external_id <> ''")
                    .CheckMoney("amount", "amount > 0 AND amount <= 9999999999.99")
                    .CheckMoney("cashback_amount", "cashback_amount BETWEEN 0 AND 9999999999.99")
                    .Check("currency", "currency = 'EUR'")
                    .CheckChoice<Purchase, PurchaseStatus>("status")
                    .Check("resolved_at", "(status = 'pending') = (resolved_at IS NULL)")
                    .Check("verification_failures", "verification_failures >= 0")
        );
        purchase.Property(it => it.ExternalId).HasMaxLength(Purchase.MaxExternalIdLength);
        purchase.Property(it => it.Amount).HasColumnType("numeric");
        purchase.Property(it => it.CashbackAmount).HasColumnType("numeric");
        purchase.Property(it => it.Currency).HasMaxLength(3).HasDefaultValue("EUR");
        purchase.Property(it => it.Status).HasDefaultValue(PurchaseStatus.Pending);
        purchase.Property(it => it.VerificationFailures).HasDefaultValue(0);

        purchase.HasIndex(it => it.ExternalId).IsUnique();
        purchase.HasIndex(it => new
        {
            it.UserId,
            it.CreatedAt,
            it.Id,
        }); // a user's purchases, newest first
        purchase.HasIndex(it => new { it.CreatedAt, it.Id }); // everybody's, and with what administrators filter by
        purchase.HasIndex(it => new
        {
            it.Status,
            it.CreatedAt,
            it.Id,
        });
        purchase.HasIndex(it => new
        {
            it.MerchantId,
            it.CreatedAt,
            it.Id,
        });
        purchase.HasIndex(it => it.NextVerificationAt).HasFilter("status = 'pending'"); // what the job may take

        purchase.HasOne<User>().WithMany().HasForeignKey(it => it.UserId);
        purchase.HasOne(it => it.Merchant).WithMany().HasForeignKey(it => it.MerchantId);
        purchase
            .HasOne<Offer>()
            .WithMany()
            .HasForeignKey(it => new { it.OfferId, it.MerchantId })
            .HasPrincipalKey(it => new { it.Id, it.MerchantId });
        purchase.HasAlternateKey(it => new
        {
            it.Id,
            it.UserId,
            it.MerchantId,
            it.CashbackAmount,
        }); // what moves is this cashback, of who bought and from where
    }
}
