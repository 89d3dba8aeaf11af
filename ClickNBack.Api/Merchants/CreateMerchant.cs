using System.ComponentModel.DataAnnotations;
using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace ClickNBack.Api.Merchants;

internal static class CreateMerchant
{
    internal sealed record Request
    {
        [
            StringLength(Merchant.MaxNameLength, MinimumLength = 1),
            Required(ErrorMessage = "must not be blank"),
            VisibleText
        ]
        public required string Name { get; init; }

        public required decimal DefaultCashbackPercentage { get; init; }

        public bool Active { get; init; } = true;
    }

    public static async Task<Results<Created<MerchantResponse>, ApiError>> HandleAsync(
        Body<Request> body,
        Caller caller,
        ClickNBackDbContext db,
        AuditTrail audit,
        IOptions<CashbackOptions> options,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        var request = body.Value;
        var max = options.Value.MaxPercentage;
        if (request.DefaultCashbackPercentage < 0 || request.DefaultCashbackPercentage > max)
        {
            return MerchantErrors.PercentageOutOfRange.With(max);
        }

        var name = await db.ComposeAsync(request.Name, cancel);
        if (name.Length > Merchant.MaxNameLength) // some characters become several
        {
            return HttpErrors.Invalid("name", "is too long");
        }

        var now = time.GetUtcNow();
        var merchant = new Merchant
        {
            Id = Guid.CreateVersion7(now),
            Name = name,
            DefaultCashbackPercentage = request.DefaultCashbackPercentage,
            Active = request.Active,
            CreatedAt = now,
        };
        db.Merchants.Add(merchant);
        if (merchant.Active)
        {
            audit.Record(Actor.Of(caller), AuditActions.MerchantActivated, "merchant", merchant.Id);
        }

        return await db.TrySaveAsync(MerchantMapping.UniqueName, cancel)
            ? TypedResults.Created($"/api/v1/merchants/{merchant.Id}", MerchantResponse.Of(merchant))
            : MerchantErrors.NameAlreadyExists.With(merchant.Name);
    }
}
