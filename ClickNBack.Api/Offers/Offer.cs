using ClickNBack.Api.Merchants;
using ClickNBack.Api.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ClickNBack.Api.Offers;

/// <summary>How an offer's cashback is calculated.</summary>
internal enum CashbackType
{
    Percent,

    /// <summary>The same amount for every purchase.</summary>
    Fixed,
}

/// <summary>A merchant's promise of cashback. A merchant has at most one active offer.</summary>
internal sealed class Offer
{
    public required Guid Id { get; init; }

    /// <summary>Whose offer it is.</summary>
    public required Guid MerchantId { get; init; }

    /// <summary>Whose offer it is.</summary>
    public Merchant? Merchant { get; init; }

    /// <summary>How the cashback is calculated.</summary>
    public required CashbackType CashbackType { get; init; }

    /// <summary>Percent of the purchase, or EUR; above 0.</summary>
    public required decimal CashbackValue { get; init; }

    /// <summary>The first day (UTC) on which purchases earn it.</summary>
    public required DateOnly StartDate { get; init; }

    /// <summary>The last day (UTC) on which purchases earn it.</summary>
    public required DateOnly EndDate { get; init; }

    /// <summary>What one user can earn from it in one calendar month, EUR, above 0.</summary>
    public required decimal MonthlyCap { get; init; }

    /// <summary>Whether it is in force (within its dates).</summary>
    public bool Active { get; init; } = true;

    public required DateTimeOffset CreatedAt { get; init; }
}

internal sealed class OfferMapping : IEntityTypeConfiguration<Offer>
{
    public const string OneActivePerMerchant = "ux_offers_one_active_per_merchant";

    public void Configure(EntityTypeBuilder<Offer> offer)
    {
        offer.ToTable(
            "offers",
            table =>
                table
                    .CheckChoice<Offer, CashbackType>("cashback_type")
                    .Check("cashback_value", "cashback_value > 0 AND cashback_value <= 9999999999.99")
                    .Check("percentage", "cashback_type <> 'percent' OR cashback_value <= 100")
                    .CheckMoney("monthly_cap", "monthly_cap > 0 AND monthly_cap <= 9999999999.99")
                    .Check("dates", "end_date >= start_date")
        );
        offer.Property(it => it.CashbackValue).HasColumnType("numeric");
        offer.Property(it => it.MonthlyCap).HasColumnType("numeric");
        offer.HasOne(it => it.Merchant).WithMany().HasForeignKey(it => it.MerchantId);
        offer.HasIndex(it => it.MerchantId, OneActivePerMerchant).IsUnique().HasFilter("active");
        offer.HasIndex(it => it.MerchantId);
        offer.HasIndex(it => new { it.CreatedAt, it.Id });
        offer.HasAlternateKey(it => new { it.Id, it.MerchantId }); // a purchase's offer is its merchant's
        offer.HasAlternateKey(it => new { it.Id, it.MonthlyCap }); // a cap usage counts against this very cap
    }
}
