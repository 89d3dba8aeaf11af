using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using ClickNBack.Api.Http;
using ClickNBack.Api.Money;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Purchases;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace ClickNBack.Api.Reports;

/// <summary>
/// A merchant reports what became of orders, in a signed message. It is taken in exactly once, however often it is sent; the job
/// does the rest.
/// </summary>
internal static class ReceiveReport
{
    /// <summary>The largest message, in bytes.</summary>
    public const int MaxBytes = 1_000_000;

    internal sealed record Request
    {
        [Length(1, 1000, ErrorMessage = "must have 1 to 1000 entries")]
        public required IReadOnlyList<Transaction> Transactions { get; init; }
    }

    internal sealed record Transaction
    {
        /// <summary>The order; the <c>external_id</c> of the purchase that claims it.</summary>
        [StringLength(Purchase.MaxExternalIdLength, MinimumLength = 1)]
        public required string OrderReference { get; init; }

        [Amount]
        public required decimal Amount { get; init; }

        [RegularExpression("^[A-Z]{3}$", ErrorMessage = "must be three upper-case letters")]
        public required string Currency { get; init; }

        public required TransactionStatus Status { get; init; }

        /// <summary>When it happened, with its offset from UTC; of two statuses of an order the later one holds.</summary>
        public required DateTimeOffset ReportedAt { get; init; }

        [StringLength(ReportedTransaction.MaxReasonLength, MinimumLength = 1)]
        public string? Reason { get; init; }
    }

    private const string InsertReport = """
        INSERT INTO reports (id, merchant_id, message_id, body_hash, received_at, transaction_count)
        VALUES ($1, $2, $3, $4, $5, $6)
        """;

    private const string InsertTransactions = """
        INSERT INTO reported_transactions (id, report_id, merchant_id, order_reference, amount, currency, status, reported_at,
                                           reason, due_at)
        SELECT id, $7, $8, order_reference, amount, currency, status, reported_at, reason, $9
        FROM unnest($1, $2, $3, $4, $5, $6, $10) AS reported (id, order_reference, amount, currency, status, reported_at, reason)
        """;

    private const string FindReport = """
        SELECT id, body_hash, transaction_count FROM reports WHERE merchant_id = $1 AND message_id = $2
        """;

    public static async Task<Results<Accepted<ReportResponse>, ApiError>> HandleAsync(
        string id,
        SignedReport report,
        NpgsqlDataSource database,
        VerificationSignal verification,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        var merchantId = Guid.Parse(id); // else nobody could have signed the report
        var now = time.GetUtcNow();
        if (FindUnlikely(report.Value, now) is { } violations)
        {
            return HttpErrors.Malformed.With(violations);
        }

        if (report.MessageId.Length > Report.MaxMessageIdLength)
        {
            return HttpErrors.Invalid("webhook-id", $"must have at most {Report.MaxMessageIdLength} characters");
        }

        var reportId = Guid.CreateVersion7(now);
        var hash = SHA256.HashData(report.Bytes.Span);
        var transactions = report.Value.Transactions;
        try
        {
            await using var batch = database.CreateBatch();
            batch.Add(
                InsertReport,
                it =>
                    it.AddValue(reportId)
                        .AddValue(merchantId)
                        .AddValue(report.MessageId)
                        .AddValue(hash)
                        .AddValue(now)
                        .AddValue(transactions.Count)
            );
            batch.Add(
                InsertTransactions,
                it =>
                    it.AddValue(Column(_ => Guid.CreateVersion7(now)))
                        .AddValue(Column(x => x.OrderReference))
                        .AddValue(Column(x => x.Amount))
                        .AddValue(Column(x => x.Currency))
                        .AddValue(Column(x => Json.Name(x.Status)))
                        .AddValue(Column(x => x.ReportedAt.ToUniversalTime()))
                        .AddValue(reportId)
                        .AddValue(merchantId)
                        .AddValue(now)
                        .AddValue(Column(x => x.Reason))
            );
            await batch.ExecuteNonQueryAsync(cancel);
        }
        catch (PostgresException exception) when (exception.ConstraintName == ReportMapping.UniqueMessage)
        {
            return await AnswerAgainAsync(database, merchantId, report, hash, cancel);
        }

        verification.Wake();
        return TypedResults.Accepted((string?)null, new ReportResponse(reportId, transactions.Count));

        T[] Column<T>(Func<Transaction, T> value) => [.. transactions.Select(value)];
    }

    private static async Task<Results<Accepted<ReportResponse>, ApiError>> AnswerAgainAsync(
        NpgsqlDataSource database,
        Guid merchantId,
        SignedReport report,
        byte[] hash,
        CancellationToken cancel
    )
    {
        await using var command = database.CreateCommand(FindReport);
        command.Parameters.AddValue(merchantId).AddValue(report.MessageId);
        await using var row = await command.ExecuteReaderAsync(cancel);
        await row.ReadAsync(cancel);
        return row.GetFieldValue<byte[]>(1).AsSpan().SequenceEqual(hash)
            ? TypedResults.Accepted((string?)null, new ReportResponse(row.GetGuid(0), row.GetInt32(2)))
            : ReportErrors.MessageIdReused.With(report.MessageId);
    }

    /// <summary>What is wrong with when an unlikely transaction happened.</summary>
    public const string Unlikely = "must not be in the future or before 2000";

    /// <summary>Whether a transaction cannot have happened when it is said to.</summary>
    public static bool IsUnlikely(Transaction transaction, DateTimeOffset now) =>
        transaction.ReportedAt > now + WebhookSignature.Tolerance || transaction.ReportedAt.Year < 2000;

    private static List<Violation>? FindUnlikely(Request request, DateTimeOffset now)
    {
        var violations = request
            .Transactions.Index()
            .Where(it => IsUnlikely(it.Item, now))
            .Select(it => new Violation($"transactions.{it.Index}.reported_at", Unlikely))
            .ToList();
        return violations.Count == 0 ? null : violations;
    }
}
