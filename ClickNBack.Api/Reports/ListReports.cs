using ClickNBack.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ClickNBack.Api.Reports;

/// <summary>Lists what merchants sent, messages and confirmed files, the latest first.</summary>
internal static class ListReports
{
    internal sealed record Request
    {
        public Guid? MerchantId { get; init; }

        /// <summary>The report after which to go on.</summary>
        public Guid? After { get; init; }
    }

    public static async Task<Ok<Slice<ReceivedReportResponse>>> HandleAsync(
        Query<Request> query,
        ReportDirectory reports,
        CancellationToken cancel
    )
    {
        var slice = await reports.ListAsync(query.Value.MerchantId, query.Value.After, cancel);
        return TypedResults.Ok(
            new Slice<ReceivedReportResponse>(
                [
                    .. slice.Data.Select(it => new ReceivedReportResponse(
                        it.Id,
                        it.MerchantId,
                        it.MessageId,
                        it.ReceivedAt,
                        it.TransactionCount
                    )),
                ],
                slice.Next
            )
        );
    }
}
