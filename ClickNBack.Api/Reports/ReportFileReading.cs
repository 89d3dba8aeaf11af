using System.Security.Cryptography;
using System.Text.Json;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Npgsql;
using NpgsqlTypes;

namespace ClickNBack.Api.Reports;

/// <summary>
/// Reads and checks files of reports. What is read waits in the database, a chunk at a time, so neither the length of a file nor the
/// way to its confirmation needs memory.
/// </summary>
internal sealed class ReportFileReading(NpgsqlDataSource database, ReportFiles files, TimeProvider time)
{
    private const int ChunkSize = 1_000;

    private const string CopyRows = """
        COPY report_file_rows (file_id, line, transaction_id, order_reference, amount, currency, status, reported_at, reason)
        FROM STDIN (FORMAT BINARY)
        """;

    private const string CopyErrors = "COPY report_file_errors (file_id, line, violations) FROM STDIN (FORMAT BINARY)";

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
        return await files.FindAsync(id, cancel);
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
