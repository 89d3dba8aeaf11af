using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Reports;

/// <summary>Revokes a merchant's secret at once: what is signed with it is refused from now on.</summary>
internal static class RevokeWebhookSecret
{
    public static async Task<Results<NoContent, ApiError>> HandleAsync(
        string id,
        string secretId,
        Caller caller,
        ClickNBackDbContext db,
        AuditTrail audit,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        if (!Ids.TryParse(id, out var merchant) || !Ids.TryParse(secretId, out var secret))
        {
            return ReportErrors.SecretNotFound.With(secretId);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var revoked = await db
            .WebhookSecrets.Where(it => it.Id == secret && it.MerchantId == merchant && it.RevokedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(it => it.RevokedAt, time.GetUtcNow()), cancel);
        if (revoked == 0)
        {
            return ReportErrors.SecretNotFound.With(secretId);
        }

        audit.Record(
            Actor.Of(caller),
            AuditActions.WebhookSecretRevoked,
            "merchant",
            merchant,
            new { secret_id = secret }
        );
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return TypedResults.NoContent();
    }
}
