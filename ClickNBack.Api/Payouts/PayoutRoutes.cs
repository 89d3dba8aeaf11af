using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Idempotency;

namespace ClickNBack.Api.Payouts;

/// <summary>Payouts.</summary>
public static class PayoutRoutes
{
    /// <summary>Maps them.</summary>
    public static void MapPayouts(this IEndpointRouteBuilder api)
    {
        var mine = api.MapGroup("/users/me/payouts").WithTags("Payouts").RequireAuthorization();
        mine.MapPost("/", RequestPayout.Handle)
            .Fails(
                PayoutErrors.InsufficientBalance,
                PayoutErrors.PolicyViolation,
                IdempotencyErrors.KeyReused,
                IdempotencyErrors.KeyInUse
            );
        mine.MapGet("/", ListPayouts.HandleMine);

        var all = api.MapGroup("/admin/payouts")
            .WithTags("Payouts")
            .RequireAuthorization(BearerAuthentication.AdminPolicy);
        all.MapGet("/", ListPayouts.HandleAll);
        all.MapPatch("/{id}/process", ProcessPayout.Handle)
            .Fails(PayoutErrors.NotFound, PayoutErrors.InvalidTransition);
    }
}
