using ClickNBack.Api.Offers;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ClickNBack.Api.Purchases;

/// <summary>
/// What one user was credited from one offer in one calendar month (UTC) of ingestion, without rejected and reversed
/// cashback (contract D3). The database keeps it from the transfers and refuses more than the cap.
/// </summary>
internal sealed class MonthlyCapUsage
{
    /// <summary>Who was credited.</summary>
    public required Guid UserId { get; init; }

    /// <summary>From which offer.</summary>
    public required Guid OfferId { get; init; }

    /// <summary>The first day of the month.</summary>
    public required DateOnly Month { get; init; }

    /// <summary>The offer's cap, EUR.</summary>
    public required decimal MonthlyCap { get; init; }

    /// <summary>EUR so far, 0 to the cap.</summary>
    public required decimal Credited { get; init; }
}

internal sealed class MonthlyCapUsageMapping : IEntityTypeConfiguration<MonthlyCapUsage>
{
    public const string WithinCap = "ck_monthly_cap_usages_within_cap";

    public void Configure(EntityTypeBuilder<MonthlyCapUsage> usage)
    {
        usage.ToTable(
            "monthly_cap_usages",
            table =>
                table
                    .Check("within_cap", "credited <= monthly_cap")
                    .CheckMoney("credited", "credited >= 0")
                    .Check("month", "extract(day FROM month) = 1")
        );
        usage.HasKey(it => new
        {
            it.UserId,
            it.OfferId,
            it.Month,
        });
        usage.Property(it => it.MonthlyCap).HasColumnType("numeric");
        usage.Property(it => it.Credited).HasColumnType("numeric");
        usage.HasOne<User>().WithMany().HasForeignKey(it => it.UserId);
        usage
            .HasOne<Offer>()
            .WithMany()
            .HasForeignKey(it => new { it.OfferId, it.MonthlyCap })
            .HasPrincipalKey(it => new { it.Id, it.MonthlyCap });
    }
}
