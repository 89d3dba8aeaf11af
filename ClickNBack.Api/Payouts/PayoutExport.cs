using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ClickNBack.Api.Payouts;

/// <summary>A batch of payouts that a bank is told of in one file. A payout belongs to at most one, for good.</summary>
internal sealed class PayoutExport
{
    /// <summary>Also what the bank knows the file by, so that it carries it out once.</summary>
    public required Guid Id { get; init; }

    /// <summary>When the batch was made, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The administrator who made it.</summary>
    public required Guid CreatedBy { get; init; }

    /// <summary>How many payouts it holds.</summary>
    public required int Payouts { get; init; }

    /// <summary>The sum of their amounts, EUR.</summary>
    public required decimal Amount { get; init; }
}

internal sealed class PayoutExportMapping : IEntityTypeConfiguration<PayoutExport>
{
    public void Configure(EntityTypeBuilder<PayoutExport> export)
    {
        export.ToTable(
            "payout_exports",
            table => table.CheckMoney("amount", "amount > 0").Check("payouts", "payouts > 0")
        );
        export.Property(it => it.Amount).HasColumnType("numeric");
        export.HasIndex(it => new { it.CreatedAt, it.Id });
        export.HasOne<User>().WithMany().HasForeignKey(it => it.CreatedBy);
    }
}
