using ClickNBack.Api.Audit;
using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Merchants;

/// <summary>Whether a merchant or an offer is in use.</summary>
public enum ActiveStatus
{
    /// <summary>In use.</summary>
    Active,

    /// <summary>Switched off.</summary>
    Inactive,
}

/// <summary>The status that was set.</summary>
/// <param name="Id">What was set.</param>
/// <param name="Status">Its status now.</param>
public sealed record StatusResponse(Guid Id, ActiveStatus Status);

/// <summary>Switches a merchant on or off; setting what is set already changes nothing.</summary>
public static class SetMerchantStatus
{
    /// <summary>What is asked.</summary>
    public sealed record Request(ActiveStatus Status) : IRequest<Request>
    {
        /// <inheritdoc/>
        public static Request Read(Fields fields) => new(fields.Choice<ActiveStatus>("status"));
    }

    /// <summary>The handler.</summary>
    public static async Task<Results<Ok<StatusResponse>, ApiError>> Handle(
        string id,
        Body<Request> body,
        Caller caller,
        ClickNBackDbContext db,
        AuditTrail audit,
        CancellationToken cancel
    )
    {
        if (!Ids.TryParse(id, out var merchantId))
        {
            return MerchantErrors.Unknown(id);
        }

        var active = body.Value.Status == ActiveStatus.Active;
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var changed = await db
            .Merchants.Where(it => it.Id == merchantId && it.Active != active)
            .ExecuteUpdateAsync(set => set.SetProperty(it => it.Active, active), cancel);
        if (changed == 0 && !await db.Merchants.AnyAsync(it => it.Id == merchantId, cancel))
        {
            return MerchantErrors.Unknown(id);
        }

        if (changed == 1)
        {
            var action = active ? AuditActions.MerchantActivated : AuditActions.MerchantDeactivated;
            audit.Record(Actor.Of(caller), action, "merchant", merchantId);
            await db.SaveChangesAsync(cancel);
        }

        await transaction.CommitAsync(cancel);
        return TypedResults.Ok(new StatusResponse(merchantId, body.Value.Status));
    }
}
