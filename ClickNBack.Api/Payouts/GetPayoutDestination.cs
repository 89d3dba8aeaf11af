using System.Text.Json;
using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Payouts;

/// <summary>Shows an administrator where a payout goes, for as long as it is kept. Each look is audited.</summary>
internal static class GetPayoutDestination
{
    public static async Task<Results<Ok<PayoutDestinationResponse>, ApiError>> HandleAsync(
        string id,
        Caller caller,
        HttpContext http,
        ClickNBackDbContext db,
        FieldEncryption encryption,
        AuditTrail audit,
        CancellationToken cancel
    )
    {
        if (
            !Ids.TryParse(id, out var payoutId)
            || await db.Payouts.AsNoTracking().FirstOrDefaultAsync(it => it.Id == payoutId, cancel) is not { } payout
        )
        {
            return PayoutErrors.NotFound.With(id);
        }

        if (payout.Destination is not { } destination)
        {
            return PayoutErrors.DestinationErased.With();
        }

        if (!encryption.CanDecrypt(destination)) // encrypted after a rotation of the key: a process that knows the new one can
        {
            http.Response.Headers.RetryAfter = "1";
            return HttpErrors.Unavailable.With("Please try again in a moment.");
        }

        var details = encryption.Decrypt(Payout.DestinationField, payout.Id, destination);
        audit.Record(Actor.Of(caller), AuditActions.PayoutDestinationRead, "payout", payout.Id);
        await db.SaveChangesAsync(cancel);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(
            new PayoutDestinationResponse(
                payout.Id,
                payout.UserId,
                payout.Method,
                JsonSerializer.Deserialize<JsonElement>(details)
            )
        );
    }
}
