using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Purchases;
using Npgsql;

namespace ClickNBack.Api.Reports;

/// <summary>Takes in files of reports once they are confirmed, and each file once, however often it is uploaded.</summary>
internal sealed class ReportFileConfirmation(
    NpgsqlDataSource database,
    AuditLogger audit,
    VerificationSignal verification,
    TimeProvider time
)
{
    private const string Lock = """
        SELECT merchant_id, row_count, wrong_count, hash, confirmed_at IS NOT NULL FROM report_files WHERE id = $1
        FOR NO KEY UPDATE
        """;

    // A hundred thousand rows take longer than anything else that the API does.
    private const string SetTimeout = "SET LOCAL statement_timeout = '60s'";

    // As a message would be: the merchant's, and once.
    private const string TakeReport = """
        INSERT INTO reports (id, merchant_id, message_id, body_hash, received_at, transaction_count)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (merchant_id, message_id) DO NOTHING
        """;

    private const string TakeTransactions = """
        INSERT INTO reported_transactions (id, report_id, merchant_id, order_reference, amount, currency, status, reported_at,
                                           reason, due_at)
        SELECT transaction_id, $2, $3, order_reference, amount, currency, status, reported_at, reason, $4
        FROM report_file_rows WHERE file_id = $1 ORDER BY line
        """;

    private const string Confirm = """
        UPDATE report_files SET confirmed_by = $2, confirmed_at = $3,
            report_id = (SELECT id FROM reports WHERE merchant_id = $4 AND message_id = $5)
        WHERE id = $1
        """;

    /// <summary>Takes in what a file says, once; the job does the rest. Answers why not, or null.</summary>
    public async Task<ApiError?> ConfirmAsync(Guid id, Actor by, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await using var find = new NpgsqlCommand(Lock, connection, transaction);
        find.Parameters.AddValue(id);
        Guid merchantId;
        int rows;
        byte[] hash;
        await using (var file = await find.ExecuteReaderAsync(cancel))
        {
            if (!await file.ReadAsync(cancel))
            {
                return ReportErrors.FileNotFound.With($"{id}");
            }

            if (file.GetBoolean(4))
            {
                return null; // it was confirmed already
            }

            (merchantId, rows) = (file.GetGuid(0), file.GetInt32(1));
            if (file.GetInt32(2) is > 0 and var wrong)
            {
                return ReportErrors.FileIsWrong.With((id, wrong));
            }

            if (file.IsDBNull(3))
            {
                return ReportErrors.FileIsIncomplete.With(id);
            }

            hash = file.GetFieldValue<byte[]>(3);
        }

        var now = time.GetUtcNow();
        var reportId = Guid.CreateVersion7(now);
        var messageId = $"file {Convert.ToHexStringLower(hash)}";
        if (await TakeReportAsync(transaction, reportId, merchantId, messageId, hash, rows, now, cancel))
        {
            await using var take = new NpgsqlCommand(TakeTransactions, connection, transaction);
            take.Parameters.AddValue(id).AddValue(reportId).AddValue(merchantId).AddValue(now);
            if (await take.ExecuteNonQueryAsync(cancel) != rows)
            {
                return ReportErrors.FileIsIncomplete.With(id); // deleted since
            }
        }

        var confirmed = AuditTrail.Row(
            now,
            by,
            AuditActions.ReportFileConfirmed,
            "report_file",
            id,
            new { merchant_id = merchantId, transactions = rows }
        );
        await using var rest = new NpgsqlBatch(connection, transaction);
        rest.Add(Confirm, it => it.AddValue(id).AddValue(by.Id).AddValue(now).AddValue(merchantId).AddValue(messageId));
        rest.BatchCommands.Add(AuditTrail.Insert([confirmed]));
        await rest.ExecuteNonQueryAsync(cancel);
        await transaction.CommitAsync(cancel);
        audit.Log([confirmed]);
        verification.Wake();
        return null;
    }

    // False if the same file, or one like it, was taken in before.
    private static async Task<bool> TakeReportAsync(
        NpgsqlTransaction transaction,
        Guid reportId,
        Guid merchantId,
        string messageId,
        byte[] hash,
        int rows,
        DateTimeOffset now,
        CancellationToken cancel
    )
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        batch.Add(SetTimeout, it => it);
        batch.Add(
            TakeReport,
            it =>
                it.AddValue(reportId)
                    .AddValue(merchantId)
                    .AddValue(messageId)
                    .AddValue(hash)
                    .AddValue(now)
                    .AddValue(rows)
        );
        return await batch.ExecuteNonQueryAsync(cancel) == 1;
    }
}
