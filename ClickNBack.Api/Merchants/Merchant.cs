using ClickNBack.Api.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ClickNBack.Api.Merchants;

/// <summary>A shop that pays for its customers' cashback.</summary>
internal sealed class Merchant
{
    public const int MaxNameLength = 255;

    public required Guid Id { get; init; }

    /// <summary>Unique, 1 to 255 characters.</summary>
    public required string Name { get; init; }

    /// <summary>What the merchant usually gives, in percent of a purchase.</summary>
    public required decimal DefaultCashbackPercentage { get; init; }

    /// <summary>Whether purchases there are accepted.</summary>
    public bool Active { get; init; } = true;

    /// <summary>When the merchant joined, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

internal sealed class MerchantMapping : IEntityTypeConfiguration<Merchant>
{
    public const string UniqueName = "ux_merchants_name";

    public void Configure(EntityTypeBuilder<Merchant> merchant)
    {
        merchant.ToTable(
            "merchants",
            table =>
                table
                    .Check("name", "btrim(name) <> '' AND name IS NFC NORMALIZED")
                    .Check("default_cashback_percentage", "default_cashback_percentage BETWEEN 0 AND 100")
        );
        merchant.Property(it => it.Name).HasMaxLength(Merchant.MaxNameLength);
        merchant.Property(it => it.DefaultCashbackPercentage).HasColumnType("numeric");
        merchant.HasIndex(it => it.Name).IsUnique();
    }
}
