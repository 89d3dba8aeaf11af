using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ClickNBack.Api.Payouts;

/// <summary>An administrator lets a held payout go on.</summary>
internal static class ReleasePayout
{
    public static async Task<Results<Ok<PayoutStatusResponse>, ApiError>> HandleAsync(
        string id,
        Caller caller,
        PayoutProcessing processing,
        CancellationToken cancel
    )
    {
        if (!Ids.TryParse(id, out var payoutId))
        {
            return PayoutErrors.NotFound.With(id);
        }

        var (status, refusal) = await processing.ReleaseAsync(payoutId, Actor.Of(caller), cancel);
        return refusal is null ? TypedResults.Ok(new PayoutStatusResponse(payoutId, status)) : refusal;
    }
}
