using ClickNBack.Api.Ledger;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ClickNBack.Api.Payouts;

/// <summary>Where a payout stands (contract 2.8).</summary>
internal enum PayoutStatus
{
    /// <summary>Asked for: the money has left the available balance.</summary>
    Requested,

    /// <summary>On its way.</summary>
    Processing,

    /// <summary>Paid. Final.</summary>
    Completed,

    /// <summary>Not paid: the money is available again. Final.</summary>
    Failed,
}

/// <summary>How a payout is paid.</summary>
internal enum PayoutMethod
{
    BankTransfer,

    Card,
}

/// <summary>Why a payout is held: nobody pays it before an administrator has released it.</summary>
internal enum HoldReason
{
    /// <summary>It is large.</summary>
    Amount,

    /// <summary>Its user was paid before, but never there.</summary>
    NewDestination,

    /// <summary>An earlier database was restored: it may have been paid since.</summary>
    Restore,
}

/// <summary>Cashback that a user withdraws.</summary>
internal sealed class Payout : IWithdrawal
{
    /// <summary>What <see cref="FieldEncryption"/> knows the destination by.</summary>
    public const string DestinationField = "payouts.destination";

    /// <summary>The longest reference that a bank's statement shows.</summary>
    public const int MaxReferenceLength = 140;

    public required Guid Id { get; init; }

    /// <summary>Who withdraws.</summary>
    public required Guid UserId { get; init; }

    /// <summary>EUR, above 0.</summary>
    public required decimal Amount { get; init; }

    public PayoutStatus Status { get; set; } = PayoutStatus.Requested;

    public required PayoutMethod Method { get; init; }

    /// <summary>Where to: a JSON object with the fields of the method, encrypted; null once it is forgotten.</summary>
    public byte[]? Destination { get; init; }

    /// <summary>By which the same destination of the same user is known again, and nothing else.</summary>
    public byte[]? DestinationFingerprint { get; init; }

    /// <summary>Why it is held; null once it is released, or if it never was.</summary>
    public HoldReason? HeldFor { get; init; }

    /// <summary>When it was asked for, UTC.</summary>
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>When it became completed or failed, UTC.</summary>
    public DateTimeOffset? ProcessedAt { get; set; }

    /// <summary>The payment provider's reference.</summary>
    public string? ExternalReference { get; set; }

    /// <summary>The batch in which the bank was told of it; null if it was not.</summary>
    public Guid? ExportId { get; init; }
}

internal sealed class PayoutMapping : IEntityTypeConfiguration<Payout>
{
    public void Configure(EntityTypeBuilder<Payout> payout)
    {
        payout.ToTable(
            "payouts",
            table =>
                table
                    .CheckMoney("amount", "amount > 0 AND amount <= 9999999999.99")
                    .CheckChoice<Payout, PayoutStatus>("status")
                    .CheckChoice<Payout, PayoutMethod>("method")
                    .Check("destination_fingerprint", "octet_length(destination_fingerprint) = 32")
                    .CheckChoice<Payout, HoldReason>("held_for")
                    .Check(
                        "held",
                        "held_for IS NULL OR status IN ('requested', 'failed') OR (held_for = 'restore' AND export_id IS NULL)"
                    )
                    .Check("export_id", "export_id IS NULL OR (method = 'bank_transfer' AND status <> 'requested')")
                    .Check(
                        "external_reference",
                        "external_reference IS NULL OR (btrim(external_reference) <> '' AND status = 'completed')"
                    )
                    .Check("processed_at", "(status IN ('completed', 'failed')) = (processed_at IS NOT NULL)")
        );
        payout.Property(it => it.Amount).HasColumnType("numeric");
        payout.Property(it => it.Status).HasDefaultValue(PayoutStatus.Requested);
        payout.Property(it => it.ExternalReference).HasMaxLength(Payout.MaxReferenceLength);
        payout.HasIndex(it => it.ExportId).HasFilter("export_id IS NOT NULL");
        payout.HasOne<PayoutExport>().WithMany().HasForeignKey(it => it.ExportId);
        payout.HasIndex(it => it.ProcessedAt).HasFilter("destination IS NOT NULL"); // for forgetting it
        payout
            .HasIndex(it => new { it.RequestedAt, it.Id })
            .HasFilter("held_for IS NOT NULL AND status IN ('requested', 'processing')");
        payout.HasIndex(it => new
        {
            it.UserId,
            it.RequestedAt,
            it.Id,
        });
        payout.HasIndex(it => new
        {
            it.Status,
            it.RequestedAt,
            it.Id,
        });
        payout.HasOne<User>().WithMany().HasForeignKey(it => it.UserId);
        payout.HasAlternateKey(it => new
        {
            it.Id,
            it.UserId,
            it.Amount,
        }); // what moves is this amount, of who withdraws
    }
}
