using ClickNBack.Api.Merchants;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Purchases;
using ClickNBack.Api.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ClickNBack.Api.Reports;

/// <summary>
/// A merchant's report as a file, uploaded by an administrator. What it says counts from when it is confirmed; until then it
/// waits in <see cref="ReportFileRow"/>.
/// </summary>
internal sealed class ReportFile
{
    /// <summary>The longest name, in characters.</summary>
    public const int MaxNameLength = 255;

    /// <summary>The identifier; in the order of upload.</summary>
    public required Guid Id { get; init; }

    /// <summary>Whose report.</summary>
    public required Guid MerchantId { get; init; }

    /// <summary>What the administrator calls it.</summary>
    public required string Name { get; init; }

    /// <summary>How many transactions were read.</summary>
    public int RowCount { get; init; }

    /// <summary>How many lines are wrong; such a file cannot be confirmed.</summary>
    public int WrongCount { get; init; }

    /// <summary>SHA-256 of the file; null until all of it has been read.</summary>
    public byte[]? Hash { get; init; }

    /// <summary>Who uploaded it.</summary>
    public required Guid UploadedBy { get; init; }

    /// <summary>When the upload began, UTC.</summary>
    public required DateTimeOffset UploadedAt { get; init; }

    /// <summary>When it had been read, UTC; null while it is, and for good if the upload was interrupted.</summary>
    public DateTimeOffset? ReadAt { get; init; }

    /// <summary>Who confirmed it.</summary>
    public Guid? ConfirmedBy { get; init; }

    /// <summary>When, UTC.</summary>
    public DateTimeOffset? ConfirmedAt { get; init; }

    /// <summary>The report it became, or which the same file had become before.</summary>
    public Guid? ReportId { get; init; }
}

/// <summary>A transaction in a file.</summary>
internal sealed class ReportFileRow
{
    /// <summary>The file.</summary>
    public required Guid FileId { get; init; }

    /// <summary>The line on which it begins; the first is 1.</summary>
    public required int Line { get; init; }

    /// <summary>The identifier of the transaction that it becomes.</summary>
    public required Guid TransactionId { get; init; }

    /// <summary>As in <see cref="ReportedTransaction"/>, like what follows.</summary>
    public required string OrderReference { get; init; }

    /// <summary>What was paid, or given back.</summary>
    public required decimal Amount { get; init; }

    /// <summary>Its currency, three letters.</summary>
    public required string Currency { get; init; }

    /// <summary>What the merchant says.</summary>
    public required TransactionStatus Status { get; init; }

    /// <summary>When the merchant says it happened, UTC.</summary>
    public required DateTimeOffset ReportedAt { get; init; }

    /// <summary>Why, in the merchant's words.</summary>
    public string? Reason { get; init; }
}

/// <summary>A line of a file that is wrong.</summary>
internal sealed class ReportFileError
{
    /// <summary>The file.</summary>
    public required Guid FileId { get; init; }

    /// <summary>The line on which the row begins; the first is 1.</summary>
    public required int Line { get; init; }

    /// <summary>Each wrong column and what is wrong with it: a JSON list.</summary>
    public required string Violations { get; init; }
}

internal sealed class ReportFileMapping : IEntityTypeConfiguration<ReportFile>
{
    public const string MerchantKey = "fk_report_files_merchant_id";

    public void Configure(EntityTypeBuilder<ReportFile> file)
    {
        file.ToTable(
            "report_files",
            table =>
                table
                    .Check("hash", "octet_length(hash) = 32")
                    .Check("counts", "row_count >= 0 AND wrong_count >= 0")
                    .Check(
                        "confirmed",
                        "num_nonnulls(confirmed_by, confirmed_at, report_id) = 0 OR num_nonnulls(confirmed_by, confirmed_at, report_id, read_at, hash) = 5 AND wrong_count = 0"
                    )
        );
        file.Property(it => it.Name).HasMaxLength(ReportFile.MaxNameLength);
        file.Property(it => it.RowCount).HasDefaultValue(0);
        file.Property(it => it.WrongCount).HasDefaultValue(0);
        file.HasOne<Merchant>().WithMany().HasForeignKey(it => it.MerchantId);
        file.HasOne<User>().WithMany().HasForeignKey(it => it.UploadedBy);
        file.HasOne<User>().WithMany().HasForeignKey(it => it.ConfirmedBy);
        file.HasOne<Report>()
            .WithMany()
            .HasForeignKey(it => new { it.ReportId, it.MerchantId })
            .HasPrincipalKey(it => new { it.Id, it.MerchantId });
    }
}

internal sealed class ReportFileRowMapping : IEntityTypeConfiguration<ReportFileRow>
{
    public void Configure(EntityTypeBuilder<ReportFileRow> row)
    {
        row.ToTable("report_file_rows", table => table.CheckChoice<ReportFileRow, TransactionStatus>("status"));
        row.HasKey(it => new { it.FileId, it.Line });
        row.Property(it => it.OrderReference).HasMaxLength(Purchase.MaxExternalIdLength).UseCollation("C");
        row.Property(it => it.Amount).HasColumnType("numeric");
        row.Property(it => it.Currency).HasMaxLength(3);
        row.Property(it => it.Reason).HasMaxLength(ReportedTransaction.MaxReasonLength);
        row.HasOne<ReportFile>().WithMany().HasForeignKey(it => it.FileId);
    }
}

internal sealed class ReportFileErrorMapping : IEntityTypeConfiguration<ReportFileError>
{
    public void Configure(EntityTypeBuilder<ReportFileError> error)
    {
        error.ToTable("report_file_errors");
        error.HasKey(it => new { it.FileId, it.Line });
        error.Property(it => it.Violations).HasColumnType("jsonb");
        error.HasOne<ReportFile>().WithMany().HasForeignKey(it => it.FileId);
    }
}
