using ClickNBack.Api.Merchants;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Purchases;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ClickNBack.Api.Reports;

/// <summary>What a merchant says of an order.</summary>
internal enum TransactionStatus
{
    /// <summary>The order stands, and its cashback is owed.</summary>
    Approved,

    /// <summary>The order did not come about, or is not one of ours.</summary>
    Declined,

    /// <summary>The order stood and was taken back.</summary>
    Returned,
}

/// <summary>What became of a reported transaction.</summary>
internal enum MatchState
{
    /// <summary>Not looked at yet.</summary>
    New,

    /// <summary>Nobody has claimed the order yet.</summary>
    Unclaimed,

    /// <summary>The purchase stands where the transaction says. Final.</summary>
    Settled,

    /// <summary>The transaction contradicts the claim or what was reported before: part of a case. Final.</summary>
    Disputed,
}

/// <summary>What a merchant reported at once; a message is taken in exactly once.</summary>
internal sealed class Report
{
    /// <summary>The longest identifier of a message, in characters.</summary>
    public const int MaxMessageIdLength = 255;

    /// <summary>The identifier.</summary>
    public required Guid Id { get; init; }

    /// <summary>Whose report.</summary>
    public required Guid MerchantId { get; init; }

    /// <summary>The sender's identifier of the message, the same each time it is sent.</summary>
    public required string MessageId { get; init; }

    /// <summary>SHA-256 of the message.</summary>
    public required byte[] BodyHash { get; init; }

    /// <summary>When it came in, UTC.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>How many transactions it has.</summary>
    public required int TransactionCount { get; init; }
}

/// <summary>One line of a report: what happened to one order.</summary>
internal sealed class ReportedTransaction
{
    /// <summary>The longest reason, in characters.</summary>
    public const int MaxReasonLength = 255;

    /// <summary>The identifier; in the order of arrival.</summary>
    public required Guid Id { get; init; }

    /// <summary>The report it came with.</summary>
    public required Guid ReportId { get; init; }

    /// <summary>Whose order.</summary>
    public required Guid MerchantId { get; init; }

    /// <summary>The order; the <c>external_id</c> of the purchase that claims it.</summary>
    public required string OrderReference { get; init; }

    /// <summary>What was paid, or given back, above 0.</summary>
    public required decimal Amount { get; init; }

    /// <summary>Its currency, three letters.</summary>
    public required string Currency { get; init; }

    /// <summary>What the merchant says.</summary>
    public required TransactionStatus Status { get; init; }

    /// <summary>When the merchant says it happened, UTC.</summary>
    public required DateTimeOffset ReportedAt { get; init; }

    /// <summary>Why, in the merchant's words.</summary>
    public string? Reason { get; init; }

    /// <summary>What became of it.</summary>
    public MatchState State { get; init; } = MatchState.New;

    /// <summary>From when on the job may take it while it is new, UTC.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>The case it is part of, if it is disputed.</summary>
    public Guid? CaseId { get; init; }
}

internal sealed class ReportMapping : IEntityTypeConfiguration<Report>
{
    public const string UniqueMessage = "ux_reports_merchant_id_message_id";

    public void Configure(EntityTypeBuilder<Report> report)
    {
        report.ToTable(
            "reports",
            table => table.Check("message_id", "message_id <> ''").Check("body_hash", "octet_length(body_hash) = 32")
        );
        report.Property(it => it.MessageId).HasMaxLength(Report.MaxMessageIdLength);
        report.HasIndex(it => new { it.MerchantId, it.MessageId }).IsUnique();
        report.HasAlternateKey(it => new { it.Id, it.MerchantId });
        report.HasOne<Merchant>().WithMany().HasForeignKey(it => it.MerchantId);
    }
}

internal sealed class ReportedTransactionMapping : IEntityTypeConfiguration<ReportedTransaction>
{
    public void Configure(EntityTypeBuilder<ReportedTransaction> transaction)
    {
        transaction.ToTable(
            "reported_transactions",
            table =>
                table
                    .Check("order_reference", "order_reference <> ''")
                    .CheckMoney("amount", "amount > 0 AND amount <= 9999999999.99")
                    .Check("currency", "currency ~ '^[A-Z]{3}$'")
                    .CheckChoice<ReportedTransaction, TransactionStatus>("status")
                    .CheckChoice<ReportedTransaction, MatchState>("state")
                    .Check("case_id", "(state = 'disputed') = (case_id IS NOT NULL)")
        );
        transaction.Property(it => it.OrderReference).HasMaxLength(Purchase.MaxExternalIdLength);
        transaction.Property(it => it.Amount).HasColumnType("numeric");
        transaction.Property(it => it.Currency).HasMaxLength(3);
        transaction.Property(it => it.Reason).HasMaxLength(ReportedTransaction.MaxReasonLength);
        transaction.Property(it => it.State).HasDefaultValue(MatchState.New);
        transaction.HasIndex(it => new
        {
            it.MerchantId,
            it.OrderReference,
            it.Id,
        }); // what was reported of an order
        transaction.HasIndex(it => it.DueAt).HasFilter("state = 'new'"); // what the job may take
        transaction.HasIndex(it => it.Id).HasFilter("state = 'unclaimed'"); // what administrators look through
        transaction.HasIndex(it => new { it.MerchantId, it.Id }).HasFilter("state = 'unclaimed'");
        transaction.HasIndex(it => it.CaseId).HasFilter("case_id IS NOT NULL");
        transaction
            .HasOne<Report>()
            .WithMany()
            .HasForeignKey(it => new { it.ReportId, it.MerchantId })
            .HasPrincipalKey(it => new { it.Id, it.MerchantId });
        transaction.HasOne<Case>().WithMany().HasForeignKey(it => it.CaseId);
    }
}
