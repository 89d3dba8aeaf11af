using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ClickNBack.Api.Payouts;

/// <summary>Shows an administrator where a payout goes.</summary>
internal static class GetPayoutDestination
{
    public static async Task<Results<Ok<PayoutDestinationResponse>, ApiError>> HandleAsync(
        string id,
        Caller caller,
        HttpContext http,
        PayoutDestinations destinations,
        CancellationToken cancel
    )
    {
        if (!Ids.TryParse(id, out var payoutId))
        {
            return PayoutErrors.NotFound.With(id);
        }

        var (found, refusal) = await destinations.ReadAsync(payoutId, Actor.Of(caller), cancel);
        if (refusal is not null)
        {
            if (refusal.Code.Kind == ErrorKind.Unavailable)
            {
                http.Response.Headers.RetryAfter = "1";
            }

            return refusal;
        }

        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(found);
    }
}
