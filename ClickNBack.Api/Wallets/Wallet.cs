using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ClickNBack.Api.Wallets;

/// <summary>
/// A user's balances in EUR, none ever negative: the projection of the ledger's transfers. The database keeps it; the API
/// may read it and lock it, not write it.
/// </summary>
internal sealed class Wallet
{
    public required Guid UserId { get; init; }

    /// <summary>Cashback of purchases that are not verified yet.</summary>
    public decimal PendingBalance { get; init; }

    /// <summary>Cashback that can be withdrawn.</summary>
    public decimal AvailableBalance { get; init; }

    /// <summary>Cashback that was paid out.</summary>
    public decimal PaidBalance { get; init; }

    /// <summary>Cashback that was withdrawn and then taken back: netted from the next that becomes available.</summary>
    public decimal OwedBalance { get; init; }
}

internal sealed class WalletMapping : IEntityTypeConfiguration<Wallet>
{
    public void Configure(EntityTypeBuilder<Wallet> wallet)
    {
        wallet.ToTable(
            "wallets",
            table =>
                table
                    .CheckMoney("pending_balance", "pending_balance >= 0")
                    .CheckMoney("available_balance", "available_balance >= 0")
                    .CheckMoney("paid_balance", "paid_balance >= 0")
                    .CheckMoney("owed_balance", "owed_balance >= 0")
                    .Check("debt", "available_balance = 0 OR owed_balance = 0") // nobody owes and has at once
        );
        wallet.HasKey(it => it.UserId);
        wallet.HasOne<User>().WithMany().HasForeignKey(it => it.UserId);
        foreach (
            var balance in new[]
            {
                nameof(Wallet.PendingBalance),
                nameof(Wallet.AvailableBalance),
                nameof(Wallet.PaidBalance),
                nameof(Wallet.OwedBalance),
            }
        )
        {
            wallet.Property<decimal>(balance).HasColumnType("numeric").HasDefaultValue(0m);
        }
    }
}
