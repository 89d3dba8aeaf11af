using ClickNBack.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ClickNBack.Api.Reports;

/// <summary>What a file says, before it is confirmed: its first transactions, its totals, its first wrong lines.</summary>
internal static class GetReportFile
{
    public static async Task<Results<Ok<ReportFilePreviewResponse>, ApiError>> HandleAsync(
        string id,
        ReportFiles files,
        CancellationToken cancel
    ) =>
        Ids.TryParse(id, out var fileId) && await files.PreviewAsync(fileId, cancel) is { } preview
            ? TypedResults.Ok(ReportFilePreviewResponse.Of(preview))
            : ReportErrors.FileNotFound.With(id);
}
