using System.Security.Cryptography;
using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Merchants;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Reports;

/// <summary>Makes a secret with which a merchant signs its reports. It is shown this once.</summary>
internal static class CreateWebhookSecret
{
    private const int SecretBytes = 32;

    public static async Task<Results<Created<NewWebhookSecretResponse>, ApiError>> HandleAsync(
        string id,
        Caller caller,
        ClickNBackDbContext db,
        FieldEncryption encryption,
        AuditTrail audit,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        if (!Ids.TryParse(id, out var merchantId) || !await db.Merchants.AnyAsync(it => it.Id == merchantId, cancel))
        {
            return MerchantErrors.NotFound.With(id);
        }

        while (true) // somebody else may take the same slot
        {
            var taken = await db
                .WebhookSecrets.Where(it => it.MerchantId == merchantId && it.RevokedAt == null)
                .Select(it => it.Slot)
                .ToListAsync(cancel);
            if (taken.Count >= WebhookSecret.MaxPerMerchant)
            {
                return ReportErrors.TooManySecrets.With(merchantId);
            }

            var now = time.GetUtcNow();
            var plain = RandomNumberGenerator.GetBytes(SecretBytes);
            var secretId = Guid.CreateVersion7(now);
            db.WebhookSecrets.Add(
                new WebhookSecret
                {
                    Id = secretId,
                    MerchantId = merchantId,
                    Slot = taken.Contains(1) ? 2 : 1,
                    Ciphertext = encryption.Encrypt(WebhookSecret.EncryptedField, secretId, plain),
                    CreatedAt = now,
                }
            );
            audit.Record(
                Actor.Of(caller),
                AuditActions.WebhookSecretCreated,
                "merchant",
                merchantId,
                new { secret_id = secretId }
            );
            if (await db.TrySaveAsync(WebhookSecretMapping.UniqueSlot, cancel))
            {
                var secret = WebhookSignature.SecretPrefix + Convert.ToBase64String(plain);
                return TypedResults.Created(
                    $"/api/v1/merchants/{merchantId}/webhook-secrets/{secretId}",
                    new NewWebhookSecretResponse(secretId, secret, now)
                );
            }
        }
    }
}
