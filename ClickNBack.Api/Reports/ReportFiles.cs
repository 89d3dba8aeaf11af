using System.Text.Json;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.EntityFrameworkCore;

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
/// Reports as files: what was uploaded, and what is to be seen of each. <see cref="ReportFileReading"/> and
/// <see cref="ReportFileConfirmation"/> say how they come in.
/// </summary>
internal sealed class ReportFiles(ClickNBackDbContext db)
{
    /// <summary>The largest file, in bytes.</summary>
    public const int MaxBytes = 32 * 1024 * 1024;

    /// <summary>How many wrong lines are shown at once.</summary>
    public const int ErrorsAtOnce = 100;

    /// <summary>How long it is kept what a file says; what it became is kept for ever.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromDays(7);

    private const int RowsInPreview = 10;

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
}
