using ClickNBack.Api.Audit;
using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace ClickNBack.Api.Merchants;

/// <summary>A merchant, as administrators see it.</summary>
/// <param name="Id">The identifier.</param>
/// <param name="Name">The name.</param>
/// <param name="DefaultCashbackPercentage">Percent of a purchase.</param>
/// <param name="Active">Whether purchases there are accepted.</param>
public sealed record MerchantResponse(Guid Id, string Name, decimal DefaultCashbackPercentage, bool Active);

/// <summary>Adds a merchant.</summary>
public static class CreateMerchant
{
    /// <summary>What is asked.</summary>
    public sealed record Request(string Name, decimal DefaultCashbackPercentage, bool Active) : IRequest<Request>
    {
        /// <inheritdoc/>
        public static Request Read(Fields fields)
        {
            var request = new Request(
                fields.Text("name", 1, Merchant.MaxNameLength),
                fields.Number("default_cashback_percentage"),
                fields.OptionalFlag("active") ?? true
            );
            if (request.Name.Length > 0 && string.IsNullOrWhiteSpace(request.Name))
            {
                fields.Wrong("name", "must not be blank");
            }

            return request;
        }
    }

    /// <summary>The handler.</summary>
    public static async Task<Results<Created<MerchantResponse>, ApiError>> Handle(
        Body<Request> body,
        Caller caller,
        ClickNBackDbContext db,
        AuditTrail audit,
        IOptions<CashbackOptions> options,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        var (name, percentage, active) = body.Value;
        var max = options.Value.MaxPercentage;
        if (percentage < 0 || percentage > max)
        {
            return MerchantErrors.PercentageOutOfRange.With(
                $"The default percentage must be from 0 to {max}.",
                new { field = "default_cashback_percentage", reason = $"must be from 0 to {max}" }
            );
        }

        var now = time.GetUtcNow();
        var merchant = new Merchant
        {
            Id = Guid.CreateVersion7(now),
            Name = name,
            DefaultCashbackPercentage = percentage,
            Active = active,
            CreatedAt = now,
        };
        db.Merchants.Add(merchant);
        if (active)
        {
            audit.Record(Actor.Of(caller), AuditActions.MerchantActivated, "merchant", merchant.Id);
        }

        return await db.TrySaveAsync(MerchantMapping.UniqueName, cancel)
            ? TypedResults.Created(
                $"/api/v1/merchants/{merchant.Id}",
                new MerchantResponse(merchant.Id, name, percentage, active)
            )
            : MerchantErrors.NameAlreadyExists.With($"There is already a merchant called {name}.", new { name });
    }
}
