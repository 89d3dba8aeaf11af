using ClickNBack.Api.Http;
using ClickNBack.Api.Merchants;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Reports;

/// <summary>Lists the secrets of a merchant, revoked ones too, without showing them.</summary>
internal static class ListWebhookSecrets
{
    public static async Task<Results<Ok<Page<WebhookSecretResponse>>, ApiError>> HandleAsync(
        string id,
        Query<Paging> query,
        ClickNBackDbContext db,
        CancellationToken cancel
    )
    {
        if (!Ids.TryParse(id, out var merchantId) || !await db.Merchants.AnyAsync(it => it.Id == merchantId, cancel))
        {
            return MerchantErrors.NotFound.With(id);
        }

        return TypedResults.Ok(
            await db
                .WebhookSecrets.Where(it => it.MerchantId == merchantId)
                .OrderByDescending(it => it.CreatedAt)
                .ThenByDescending(it => it.Id)
                .Select(it => new WebhookSecretResponse(it.Id, it.CreatedAt, it.RevokedAt))
                .ToPageAsync(query.Value, cancel)
        );
    }
}
