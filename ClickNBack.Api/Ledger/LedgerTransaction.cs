using ClickNBack.Api.Audit;
using ClickNBack.Api.Merchants;
using ClickNBack.Api.Payouts;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Purchases;
using ClickNBack.Api.Wallets;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ClickNBack.Api.Ledger;

/// <summary>Where money can be. What enters an account is positive; over all accounts the sum is always zero.</summary>
public enum Account
{
    /// <summary>What a merchant owes the platform for its customers' cashback: zero or negative.</summary>
    MerchantReceivable,

    /// <summary>A user's cashback of purchases that are not verified yet.</summary>
    UserPending,

    /// <summary>A user's cashback that can be withdrawn.</summary>
    UserAvailable,

    /// <summary>What a user owes for cashback that was withdrawn and then taken back: zero or negative.</summary>
    UserDebt,

    /// <summary>A user's payouts that were asked for and are neither paid nor failed.</summary>
    PayoutInTransit,

    /// <summary>A user's payouts that were paid.</summary>
    PaidOut,
}

/// <summary>Why money moves. Each happens at most once to one purchase or payout.</summary>
public enum Movement
{
    /// <summary>A purchase was recorded.</summary>
    CashbackEarned,

    /// <summary>Its cashback became available.</summary>
    CashbackConfirmed,

    /// <summary>It was not verified.</summary>
    CashbackRejected,

    /// <summary>It was taken back.</summary>
    CashbackReversed,

    /// <summary>A payout was asked for.</summary>
    PayoutRequested,

    /// <summary>It was paid.</summary>
    PayoutCompleted,

    /// <summary>It failed: the money is back.</summary>
    PayoutFailed,
}

/// <summary>One movement of money: its entries sum to zero. Append-only (contract D6).</summary>
public sealed class LedgerTransaction
{
    /// <summary>The identifier.</summary>
    public required Guid Id { get; init; }

    /// <summary>Why money moves.</summary>
    public required Movement Movement { get; init; }

    /// <summary>The purchase whose cashback moves, or null.</summary>
    public Guid? PurchaseId { get; init; }

    /// <summary>The payout that moves, or null.</summary>
    public Guid? PayoutId { get; init; }

    /// <summary>The audit row of this very movement: none moves unaudited, no row stands for two.</summary>
    public required Guid AuditLogId { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>What each account loses or gains.</summary>
    public List<LedgerEntry> Entries { get; init; } = [];
}

/// <summary>What one movement takes from or gives to one account. Append-only.</summary>
public sealed class LedgerEntry
{
    /// <summary>The movement.</summary>
    public Guid TransactionId { get; init; }

    /// <summary>The account.</summary>
    public required Account Account { get; init; }

    /// <summary>Whose account; null for a merchant's.</summary>
    public Guid? UserId { get; init; }

    /// <summary>Which merchant's account; null for a user's.</summary>
    public Guid? MerchantId { get; init; }

    /// <summary>EUR: positive enters the account, negative leaves it; never 0.</summary>
    public required decimal Amount { get; init; }
}

internal sealed class LedgerTransactionMapping : IEntityTypeConfiguration<LedgerTransaction>
{
    public void Configure(EntityTypeBuilder<LedgerTransaction> transaction)
    {
        transaction.ToTable(
            "ledger_transactions",
            table =>
                table
                    .CheckChoice<LedgerTransaction, Movement>("movement")
                    .Check("subject", "num_nonnulls(purchase_id, payout_id) = 1")
        );
        transaction.HasOne<Purchase>().WithMany().HasForeignKey(it => it.PurchaseId);
        transaction.HasOne<Payout>().WithMany().HasForeignKey(it => it.PayoutId);
        transaction.HasOne<AuditLog>().WithOne().HasForeignKey<LedgerTransaction>(it => it.AuditLogId);
        transaction.HasIndex(it => new { it.PurchaseId, it.Movement }).IsUnique();
        transaction.HasIndex(it => new { it.PayoutId, it.Movement }).IsUnique();
    }
}

internal sealed class LedgerEntryMapping : IEntityTypeConfiguration<LedgerEntry>
{
    public void Configure(EntityTypeBuilder<LedgerEntry> entry)
    {
        entry.ToTable(
            "ledger_entries",
            table =>
                table
                    .CheckChoice<LedgerEntry, Account>("account")
                    .CheckMoney("amount", "amount <> 0 AND abs(amount) <= 9999999999.99")
                    .Check(
                        "owner",
                        "CASE account WHEN 'merchant_receivable' THEN merchant_id IS NOT NULL AND user_id IS NULL ELSE user_id IS NOT NULL AND merchant_id IS NULL END"
                    )
        );
        entry.HasKey(it => new { it.TransactionId, it.Account });
        entry.Property(it => it.Amount).HasColumnType("numeric");
        entry.HasOne<LedgerTransaction>().WithMany(it => it.Entries).HasForeignKey(it => it.TransactionId);
        entry.HasOne<Wallet>().WithMany().HasForeignKey(it => it.UserId);
        entry.HasOne<Merchant>().WithMany().HasForeignKey(it => it.MerchantId);
    }
}
