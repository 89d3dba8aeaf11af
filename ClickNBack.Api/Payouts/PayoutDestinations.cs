using System.Text.Json;
using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Payouts;

/// <summary>Where payouts go, for as long as it is kept. Each look is audited.</summary>
internal sealed class PayoutDestinations(ClickNBackDbContext db, FieldEncryption encryption, AuditTrail audit)
{
    /// <summary>Answers where a payout goes, or why that cannot be said.</summary>
    public async Task<(PayoutDestinationResponse? Found, ApiError? Refusal)> ReadAsync(
        Guid id,
        Actor actor,
        CancellationToken cancel
    )
    {
        if (await db.Payouts.AsNoTracking().FirstOrDefaultAsync(it => it.Id == id, cancel) is not { } payout)
        {
            return (null, PayoutErrors.NotFound.With($"{id}"));
        }

        if (payout.Destination is not { } destination)
        {
            return (null, PayoutErrors.DestinationErased.With());
        }

        if (!encryption.CanDecrypt(destination)) // encrypted after a rotation of the key: a process that knows the new one can
        {
            return (null, HttpErrors.Unavailable.With("Please try again in a moment."));
        }

        var details = encryption.Decrypt(Payout.DestinationField, payout.Id, destination);
        audit.Record(actor, AuditActions.PayoutDestinationRead, "payout", payout.Id);
        await db.SaveChangesAsync(cancel);
        return (
            new PayoutDestinationResponse(
                payout.Id,
                payout.UserId,
                payout.Method,
                JsonSerializer.Deserialize<JsonElement>(details)
            ),
            null
        );
    }
}
