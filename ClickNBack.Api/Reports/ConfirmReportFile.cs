using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ClickNBack.Api.Reports;

/// <summary>An administrator confirms a file: what it says is taken in, once.</summary>
internal static class ConfirmReportFile
{
    public static async Task<Results<Ok<ReportFileResponse>, ApiError>> HandleAsync(
        string id,
        Caller caller,
        ReportFileConfirmation confirmation,
        ReportFiles files,
        CancellationToken cancel
    )
    {
        if (!Ids.TryParse(id, out var fileId))
        {
            return ReportErrors.FileNotFound.With(id);
        }

        if (await confirmation.ConfirmAsync(fileId, Actor.Of(caller), cancel) is { } refusal)
        {
            return refusal;
        }

        return TypedResults.Ok(ReportFileResponse.Of((await files.FindAsync(fileId, cancel))!));
    }
}
