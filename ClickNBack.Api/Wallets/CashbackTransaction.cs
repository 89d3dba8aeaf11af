using ClickNBack.Api.Persistence;
using ClickNBack.Api.Purchases;
using ClickNBack.Api.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ClickNBack.Api.Wallets;

/// <summary>Where the cashback of a purchase stands.</summary>
public enum CashbackStatus
{
    /// <summary>Promised: the purchase is not verified yet.</summary>
    Pending,

    /// <summary>The user's to withdraw.</summary>
    Available,

    /// <summary>Taken back: the purchase was rejected or reversed. Final.</summary>
    Reversed,
}

/// <summary>The cashback of one purchase, as the user's wallet lists it. The amount never changes.</summary>
public sealed class CashbackTransaction
{
    /// <summary>The identifier.</summary>
    public required Guid Id { get; init; }

    /// <summary>Whose it is.</summary>
    public required Guid UserId { get; init; }

    /// <summary>The purchase that earned it.</summary>
    public required Guid PurchaseId { get; init; }

    /// <summary>EUR, 0 or more.</summary>
    public required decimal Amount { get; init; }

    /// <summary>Where it stands.</summary>
    public CashbackStatus Status { get; set; } = CashbackStatus.Pending;

    /// <summary>When it was credited, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

internal sealed class CashbackTransactionMapping : IEntityTypeConfiguration<CashbackTransaction>
{
    public void Configure(EntityTypeBuilder<CashbackTransaction> cashback)
    {
        cashback.ToTable(
            "cashback_transactions",
            table =>
                table
                    .CheckMoney("amount", "amount BETWEEN 0 AND 9999999999.99")
                    .CheckChoice<CashbackTransaction, CashbackStatus>("status")
        );
        cashback.Property(it => it.Amount).HasColumnType("numeric");
        cashback.Property(it => it.Status).IsConcurrencyToken();
        cashback.HasIndex(it => new
        {
            it.UserId,
            it.CreatedAt,
            it.Id,
        });
        cashback.HasOne<User>().WithMany().HasForeignKey(it => it.UserId);
        cashback
            .HasOne<Purchase>()
            .WithOne(it => it.Cashback)
            .HasForeignKey<CashbackTransaction>(it => new { it.PurchaseId, it.UserId })
            .HasPrincipalKey<Purchase>(it => new { it.Id, it.UserId });
    }
}
