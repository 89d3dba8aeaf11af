using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ClickNBack.Api.Payouts;

/// <summary>An administrator processes a payout.</summary>
internal static class ProcessPayout
{
    internal sealed record Request
    {
        public required PayoutStep Status { get; init; }
    }

    public static async Task<Results<Ok<PayoutStatusResponse>, ApiError>> HandleAsync(
        string id,
        Body<Request> body,
        Caller caller,
        PayoutProcessing processing,
        CancellationToken cancel
    )
    {
        if (!Ids.TryParse(id, out var payoutId))
        {
            return PayoutErrors.NotFound.With(id);
        }

        var (status, refusal) = await processing.ProcessAsync(
            payoutId,
            new PayoutDecision(body.Value.Status),
            Actor.Of(caller),
            cancel
        );
        return refusal is null ? TypedResults.Ok(new PayoutStatusResponse(payoutId, status)) : refusal;
    }
}
