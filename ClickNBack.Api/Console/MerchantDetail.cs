using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Merchants;
using ClickNBack.Api.Offers;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Reports;
using ClickNBack.Api.Users;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Console;

/// <summary>One merchant: its offers, and the secrets that it signs its reports with.</summary>
internal static class MerchantDetail
{
    internal sealed record Model(
        Merchant Merchant,
        IReadOnlyList<Offer> Offers,
        IReadOnlyList<WebhookSecretResponse> Secrets,
        IReadOnlyList<AuditLog> Trail,
        string? NewSecret = null
    );

    public static async Task<IResult> ShowAsync(
        Guid id,
        ClickNBackDbContext db,
        AuditSearch audit,
        CancellationToken cancel
    ) =>
        await FindAsync(id, db, audit, cancel) is { } model
            ? Page.Of<MerchantPage>(model)
            : MerchantErrors.NotFound.With($"{id}");

    public static async Task<IResult> SetStatusAsync(
        Guid id,
        Form<SetMerchantStatus.Request> form,
        Caller caller,
        ClickNBackDbContext db,
        AuditTrail audit,
        Flash flash,
        CancellationToken cancel
    )
    {
        var page = $"{MerchantList.Path}/{id}";
        if (form.Violations.Count > 0)
        {
            return flash.Then("Nothing was changed: choose active or inactive.", "", page);
        }

        var answer = await SetMerchantStatus.HandleAsync($"{id}", form.AsBody(), caller, db, audit, cancel);
        return flash.Then(answer, $"The merchant is {Json.Name(form.Value.Status)}.", page);
    }

    /// <summary>Makes a secret and shows it, this once: no address leads to it, and it is nowhere in plain text.</summary>
    public static async Task<IResult> CreateSecretAsync(
        Guid id,
        Caller caller,
        ClickNBackDbContext db,
        FieldEncryption encryption,
        AuditTrail audit,
        AuditSearch search,
        TimeProvider time,
        Flash flash,
        CancellationToken cancel
    )
    {
        var answer = await CreateWebhookSecret.HandleAsync($"{id}", caller, db, encryption, audit, time, cancel);
        return answer.Result is IValueHttpResult<NewWebhookSecretResponse> { Value: { } created }
            ? Page.Of<MerchantPage>((await FindAsync(id, db, search, cancel))! with { NewSecret = created.Secret })
            : flash.Then(answer, "", $"{MerchantList.Path}/{id}");
    }

    public static async Task<IResult> RevokeSecretAsync(
        Guid id,
        Guid secretId,
        Caller caller,
        ClickNBackDbContext db,
        AuditTrail audit,
        TimeProvider time,
        Flash flash,
        CancellationToken cancel
    ) =>
        flash.Then(
            await RevokeWebhookSecret.HandleAsync($"{id}", $"{secretId}", caller, db, audit, time, cancel),
            "The secret is revoked. What is signed with it is refused from now on.",
            $"{MerchantList.Path}/{id}"
        );

    private static async Task<Model?> FindAsync(
        Guid id,
        ClickNBackDbContext db,
        AuditSearch audit,
        CancellationToken cancel
    ) =>
        await db.Merchants.AsNoTracking().FirstOrDefaultAsync(it => it.Id == id, cancel) is not { } merchant
            ? null
            : new Model(
                merchant,
                await db
                    .Offers.AsNoTracking()
                    .Where(it => it.MerchantId == id)
                    .OrderByDescending(it => it.CreatedAt)
                    .ThenByDescending(it => it.Id)
                    .Take(KeysetPage<Offer>.Size)
                    .ToListAsync(cancel),
                await db
                    .WebhookSecrets.Where(it => it.MerchantId == id)
                    .OrderByDescending(it => it.CreatedAt)
                    .ThenByDescending(it => it.Id)
                    .Take(KeysetPage<Offer>.Size)
                    .Select(it => new WebhookSecretResponse(it.Id, it.CreatedAt, it.RevokedAt))
                    .ToListAsync(cancel),
                await audit.FindAsync(new AuditFilter { ResourceId = id }, null, KeysetPage<AuditLog>.Size, cancel)
            );
}
