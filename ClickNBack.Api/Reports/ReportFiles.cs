using System.Security.Cryptography;
using System.Text.Json;
using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Purchases;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace ClickNBack.Api.Reports;

/// <summary>What an administrator sees of a file before confirming it.</summary>
/// <param name="File">The file.</param>
/// <param name="Rows">Its first transactions.</param>
/// <param name="Totals">How many of each status, and of what amount.</param>
/// <param name="Errors">Its first wrong lines.</param>
internal sealed record ReportFilePreview(
    ReportFile File,
    IReadOnlyList<ReportFileRow> Rows,
    IReadOnlyList<ReportFileTotal> Totals,
    IReadOnlyList<ReportFileErrorResponse> Errors
);

/// <summary>
/// Reports as files: read and checked first, taken in once they are confirmed, and each file once, however often it is uploaded.
/// What is read waits in the database, a chunk at a time, so neither the length of a file nor the way to its confirmation needs
/// memory.
/// </summary>
internal sealed class ReportFiles(
    NpgsqlDataSource database,
    ClickNBackDbContext db,
    AuditLogger audit,
    VerificationSignal verification,
    TimeProvider time
)
{
    /// <summary>The largest file, in bytes.</summary>
    public const int MaxBytes = 32 * 1024 * 1024;

    /// <summary>How many wrong lines are shown at once.</summary>
    public const int ErrorsAtOnce = 100;

    /// <summary>How long it is kept what a file says; what it became is kept for ever.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromDays(7);

    private const int RowsInPreview = 10;
    private const int ChunkSize = 1_000;

    private const string CopyRows = """
        COPY report_file_rows (file_id, line, transaction_id, order_reference, amount, currency, status, reported_at, reason)
        FROM STDIN (FORMAT BINARY)
        """;

    private const string CopyErrors = "COPY report_file_errors (file_id, line, violations) FROM STDIN (FORMAT BINARY)";

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

    /// <summary>
    /// Reads and checks a file; nothing of it counts yet. The rows that were read so far can be seen meanwhile. Answers the file, or
    /// null if there is no such merchant.
    /// </summary>
    public async Task<ReportFile?> ReadAsync(
        Guid merchantId,
        string name,
        Stream csv,
        CsvFormat format,
        Guid uploadedBy,
        CancellationToken cancel
    )
    {
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        try
        {
            await ExecuteAsync(
                "INSERT INTO report_files (id, merchant_id, name, uploaded_by, uploaded_at) VALUES ($1, $2, $3, $4, $5)",
                it => it.AddValue(id).AddValue(merchantId).AddValue(name).AddValue(uploadedBy).AddValue(now),
                cancel
            );
        }
        catch (PostgresException exception) when (exception.ConstraintName == ReportFileMapping.MerchantKey)
        {
            return null;
        }

        using var sha = SHA256.Create();
        await using var hashing = new CryptoStream(csv, sha, CryptoStreamMode.Read, leaveOpen: true);
        var chunk = new List<CsvRow>(ChunkSize);
        await foreach (var row in CsvReport.ReadAsync(hashing, format, now, cancel))
        {
            chunk.Add(row);
            if (chunk.Count == ChunkSize)
            {
                await KeepAsync(id, chunk, now, cancel);
                chunk.Clear();
            }
        }

        await KeepAsync(id, chunk, now, cancel);
        await ExecuteAsync(
            "UPDATE report_files SET hash = $2, read_at = $3 WHERE id = $1",
            it => it.AddValue(id).AddValue(hashing.HasFlushedFinalBlock ? sha.Hash : null).AddValue(time.GetUtcNow()),
            cancel
        );
        return await FindAsync(id, cancel);
    }

    /// <summary>Finds a file.</summary>
    public async Task<ReportFile?> FindAsync(Guid id, CancellationToken cancel)
    {
        return await db.ReportFiles.AsNoTracking().FirstOrDefaultAsync(it => it.Id == id, cancel);
    }

    /// <summary>Files, the latest first: those before the given one.</summary>
    public async Task<Slice<ReportFile>> ListAsync(Guid? merchantId, Guid? after, CancellationToken cancel)
    {
        return await db
            .ReportFiles.AsNoTracking()
            .Where(it => merchantId == null || it.MerchantId == merchantId)
            .Where(it => after == null || it.Id < after)
            .OrderByDescending(it => it.Id)
            .ToSliceAsync(it => it.Id, cancel);
    }

    /// <summary>What can be seen of a file before it is confirmed; null if there is no such file.</summary>
    public async Task<ReportFilePreview?> PreviewAsync(Guid id, CancellationToken cancel)
    {
        if (await FindAsync(id, cancel) is not { } file)
        {
            return null;
        }

        var rows = db.ReportFileRows.AsNoTracking().Where(it => it.FileId == id);
        return new ReportFilePreview(
            file,
            await rows.OrderBy(it => it.Line).Take(RowsInPreview).ToListAsync(cancel),
            await rows.GroupBy(it => new { it.Status, it.Currency })
                .OrderBy(it => it.Key.Status)
                .ThenBy(it => it.Key.Currency)
                .Select(it => new ReportFileTotal(
                    it.Key.Status,
                    it.Key.Currency,
                    it.LongCount(),
                    it.Sum(row => row.Amount)
                ))
                .ToListAsync(cancel),
            await ErrorsAsync(id, after: 0, cancel)
        );
    }

    /// <summary>Wrong lines of a file, in its order: those after the given one.</summary>
    public async Task<IReadOnlyList<ReportFileErrorResponse>> ErrorsAsync(Guid id, int after, CancellationToken cancel)
    {
        var errors = await db
            .ReportFileErrors.AsNoTracking()
            .Where(it => it.FileId == id && it.Line > after)
            .OrderBy(it => it.Line)
            .Take(ErrorsAtOnce)
            .ToListAsync(cancel);
        return
        [
            .. errors.Select(it => new ReportFileErrorResponse(
                it.Line,
                JsonSerializer.Deserialize<List<Violation>>(it.Violations, Json.Options)!
            )),
        ];
    }

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

    // Each chunk commits by itself, so that whoever looks sees how far it is.
    private async Task KeepAsync(Guid id, List<CsvRow> chunk, DateTimeOffset now, CancellationToken cancel)
    {
        var (right, wrong) = (
            chunk.FindAll(it => it.Violations.Count == 0),
            chunk.FindAll(it => it.Violations.Count > 0)
        );
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await using (var rows = await connection.BeginBinaryImportAsync(CopyRows, cancel))
        {
            foreach (var (line, said, _) in right)
            {
                await rows.StartRowAsync(cancel);
                await rows.WriteAsync(id, cancel);
                await rows.WriteAsync(line, cancel);
                await rows.WriteAsync(Guid.CreateVersion7(now), cancel);
                await rows.WriteAsync(said.OrderReference, cancel);
                await rows.WriteAsync(said.Amount, cancel);
                await rows.WriteAsync(said.Currency, cancel);
                await rows.WriteAsync(Json.Name(said.Status), cancel);
                await rows.WriteAsync(said.ReportedAt.ToUniversalTime(), cancel);
                await (said.Reason is null ? rows.WriteNullAsync(cancel) : rows.WriteAsync(said.Reason, cancel));
            }

            await rows.CompleteAsync(cancel);
        }

        await using (var errors = await connection.BeginBinaryImportAsync(CopyErrors, cancel))
        {
            foreach (var (line, _, violations) in wrong)
            {
                await errors.StartRowAsync(cancel);
                await errors.WriteAsync(id, cancel);
                await errors.WriteAsync(line, cancel);
                await errors.WriteAsync(JsonSerializer.Serialize(violations, Json.Options), NpgsqlDbType.Jsonb, cancel);
            }

            await errors.CompleteAsync(cancel);
        }

        await using var count = new NpgsqlCommand(
            "UPDATE report_files SET row_count = row_count + $2, wrong_count = wrong_count + $3 WHERE id = $1",
            connection,
            transaction
        );
        count.Parameters.AddValue(id).AddValue(right.Count).AddValue(wrong.Count);
        await count.ExecuteNonQueryAsync(cancel);
        await transaction.CommitAsync(cancel);
    }

    private async Task ExecuteAsync(
        string sql,
        Func<NpgsqlParameterCollection, NpgsqlParameterCollection> parameters,
        CancellationToken cancel
    )
    {
        await using var command = database.CreateCommand(sql);
        parameters(command.Parameters);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
