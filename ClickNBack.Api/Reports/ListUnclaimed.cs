using ClickNBack.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ClickNBack.Api.Reports;

/// <summary>Lists transactions of orders that nobody has claimed, the latest first.</summary>
internal static class ListUnclaimed
{
    internal sealed record Request
    {
        public Guid? MerchantId { get; init; }

        /// <summary>The transaction after which to go on.</summary>
        public Guid? After { get; init; }
    }

    public static async Task<Ok<Slice<UnclaimedTransactionResponse>>> HandleAsync(
        Query<Request> query,
        ReportDirectory reports,
        CancellationToken cancel
    )
    {
        var slice = await reports.UnclaimedAsync(query.Value.MerchantId, query.Value.After, cancel);
        return TypedResults.Ok(
            new Slice<UnclaimedTransactionResponse>(
                [
                    .. slice.Data.Select(it => new UnclaimedTransactionResponse(
                        it.Id,
                        it.ReportId,
                        it.MerchantId,
                        it.OrderReference,
                        it.Amount,
                        it.Currency,
                        it.Status,
                        it.ReportedAt,
                        it.Reason
                    )),
                ],
                slice.Next
            )
        );
    }
}
