using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Idempotency;
using ClickNBack.Api.Merchants;
using ClickNBack.Api.Offers;

namespace ClickNBack.Api.Purchases;

/// <summary>Purchases.</summary>
public static class PurchaseRoutes
{
    /// <summary>Maps them.</summary>
    public static void MapPurchases(this IEndpointRouteBuilder api)
    {
        var purchases = api.MapGroup("/purchases").WithTags("Purchases").RequireAuthorization();

        purchases
            .MapPost("/", IngestPurchase.Handle)
            .Fails(
                AuthErrors.Forbidden,
                PurchaseErrors.Duplicate,
                PurchaseErrors.UnsupportedCurrency,
                MerchantErrors.NotEligible,
                OfferErrors.NotAvailable,
                IdempotencyErrors.KeyReused,
                IdempotencyErrors.KeyInUse
            );
        purchases
            .MapGet("/", ListPurchases.Handle)
            .RequireAuthorization(BearerAuthentication.AdminPolicy)
            .Fails(PurchaseErrors.InvalidStatus);
        purchases.MapGet("/{id}", GetPurchase.Handle).Fails(PurchaseErrors.NotFound, AuthErrors.Forbidden);
        purchases
            .MapPost("/{id}/confirmation", ConfirmPurchase.Handle)
            .RequireAuthorization(BearerAuthentication.AdminPolicy)
            .Fails(PurchaseErrors.NotFound, PurchaseErrors.NotPending);
        purchases
            .MapPatch("/{id}/reverse", ReversePurchase.Handle)
            .RequireAuthorization(BearerAuthentication.AdminPolicy)
            .Fails(PurchaseErrors.NotFound, PurchaseErrors.AlreadyReversed);

        api.MapGet("/users/me/purchases", ListMyPurchases.Handle)
            .WithTags("Purchases")
            .RequireAuthorization()
            .Fails(PurchaseErrors.InvalidStatus);
    }
}
