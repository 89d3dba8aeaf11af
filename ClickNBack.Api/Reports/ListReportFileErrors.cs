using System.ComponentModel.DataAnnotations;
using ClickNBack.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ClickNBack.Api.Reports;

/// <summary>Lists every wrong line of a file, in its order, with each of its wrong columns.</summary>
internal static class ListReportFileErrors
{
    internal sealed record Request
    {
        /// <summary>The line after which to go on.</summary>
        [Range(0, int.MaxValue)]
        public int After { get; init; }
    }

    public static async Task<Results<Ok<ReportFileErrorsResponse>, ApiError>> HandleAsync(
        string id,
        Query<Request> query,
        ReportFiles files,
        CancellationToken cancel
    )
    {
        if (!Ids.TryParse(id, out var fileId) || await files.FindAsync(fileId, cancel) is null)
        {
            return ReportErrors.FileNotFound.With(id);
        }

        var errors = await files.ErrorsAsync(fileId, query.Value.After, cancel);
        return TypedResults.Ok(
            new ReportFileErrorsResponse(errors, errors.Count == ReportFiles.ErrorsAtOnce ? errors[^1].Line : null)
        );
    }
}
