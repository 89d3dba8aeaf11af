using ClickNBack.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ClickNBack.Api.Reports;

/// <summary>Lists files, the latest first; those that are being read, too.</summary>
internal static class ListReportFiles
{
    internal sealed record Request
    {
        public Guid? MerchantId { get; init; }

        /// <summary>The file after which to go on.</summary>
        public Guid? After { get; init; }
    }

    public static async Task<Ok<Slice<ReportFileResponse>>> HandleAsync(
        Query<Request> query,
        ReportFiles files,
        CancellationToken cancel
    )
    {
        var slice = await files.ListAsync(query.Value.MerchantId, query.Value.After, cancel);
        return TypedResults.Ok(
            new Slice<ReportFileResponse>([.. slice.Data.Select(ReportFileResponse.Of)], slice.Next)
        );
    }
}
