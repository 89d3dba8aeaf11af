using ClickNBack.Api.Http;
using ClickNBack.Api.Idempotency;
using ClickNBack.Api.Merchants;
using ClickNBack.Api.Offers;
using ClickNBack.Api.Users;

namespace ClickNBack.Api.Purchases;

internal static class PurchaseRoutes
{
    public static void MapPurchases(this IEndpointRouteBuilder api)
    {
        var purchases = api.MapGroup("/purchases").WithTags("Purchases").RequireAuthorization();

        purchases
            .MapPost("/", IngestPurchase.HandleAsync)
            .WithName("IngestPurchase")
            .WithSummary("Record a purchase")
            .WithDescription(
                "Promises its cashback, which is verified in the background. With an `Idempotency-Key` a repetition gets the first answer again."
            )
            .WithExample(PurchaseExamples.Ingest, PurchaseExamples.Recorded)
            .ProducesErrors(
                PurchaseErrors.ForSomebodyElse,
                PurchaseErrors.Duplicate,
                PurchaseErrors.UnsupportedCurrency,
                MerchantErrors.NotEligible,
                OfferErrors.NotAvailable,
                PurchaseErrors.DailyLimit,
                IdempotencyErrors.KeyReused,
                IdempotencyErrors.KeyInUse
            );
        purchases
            .MapGet("/", ListPurchases.HandleAsync)
            .WithName("ListPurchases")
            .WithSummary("List everybody's purchases")
            .WithDescription("Newest first; both days count.")
            .WithPageExample(PurchaseExamples.Anybodys)
            .ProducesErrors(PurchaseErrors.InvalidStatus)
            .RequireAuthorization(Policies.Admin);
        purchases
            .MapGet("/{id}", GetPurchase.HandleAsync)
            .WithName("GetPurchase")
            .WithSummary("One purchase")
            .WithDescription("Only for who made it.")
            .WithExample(response: PurchaseExamples.Mine)
            .ProducesErrors(PurchaseErrors.NotFound, PurchaseErrors.SomebodyElses);
        purchases
            .MapPost("/{id}/confirmation", ConfirmPurchase.HandleAsync)
            .WithName("ConfirmPurchase")
            .WithSummary("Confirm a purchase")
            .WithDescription("Its cashback becomes available.")
            .WithExample(response: PurchaseExamples.Confirmed)
            .ProducesErrors(PurchaseErrors.NotFound, PurchaseErrors.NotPending)
            .RequireAuthorization(Policies.Admin);
        purchases
            .MapPatch("/{id}/reverse", ReversePurchase.HandleAsync)
            .WithName("ReversePurchase")
            .WithSummary("Reverse a purchase")
            .WithDescription("With its cashback; what was withdrawn of it becomes a debt.")
            .WithExample(response: PurchaseExamples.Reversed)
            .ProducesErrors(PurchaseErrors.NotFound, PurchaseErrors.AlreadyReversed)
            .RequireAuthorization(Policies.Admin);

        api.MapGet("/users/me/purchases", ListMyPurchases.HandleAsync)
            .WithName("ListMyPurchases")
            .WithSummary("List my purchases")
            .WithDescription("Newest first.")
            .WithPageExample(PurchaseExamples.Mine)
            .ProducesErrors(PurchaseErrors.InvalidStatus)
            .WithTags("Purchases")
            .RequireAuthorization();
    }
}
