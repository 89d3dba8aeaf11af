using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Idempotency;
using ClickNBack.Api.Merchants;
using ClickNBack.Api.Offers;
using ClickNBack.Api.OpenApi;

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
            .Describe(
                "IngestPurchase",
                "Record a purchase",
                "Promises its cashback, which is verified in the background. With an `Idempotency-Key` a repetition gets the first answer again."
            )
            .Answers(PurchaseExamples.Recorded)
            .Fails(
                PurchaseErrors.ForSomebodyElse,
                PurchaseErrors.Duplicate,
                PurchaseErrors.UnsupportedCurrency,
                MerchantErrors.NotEligible,
                OfferErrors.NotAvailable,
                IdempotencyErrors.KeyReused,
                IdempotencyErrors.KeyInUse
            );
        purchases
            .MapGet("/", ListPurchases.Handle)
            .Describe("ListPurchases", "List everybody's purchases", "Newest first; both days count.")
            .AnswersPageOf(PurchaseExamples.Anybodys)
            .RequireAuthorization(BearerAuthentication.AdminPolicy)
            .Fails(PurchaseErrors.InvalidStatus);
        purchases
            .MapGet("/{id}", GetPurchase.Handle)
            .Describe("GetPurchase", "One purchase", "Only for who made it.")
            .Answers(PurchaseExamples.Mine)
            .Fails(PurchaseErrors.NotFound, PurchaseErrors.SomebodyElses);
        purchases
            .MapPost("/{id}/confirmation", ConfirmPurchase.Handle)
            .Describe("ConfirmPurchase", "Confirm a purchase", "Its cashback becomes available.")
            .Answers(PurchaseExamples.Confirmed)
            .RequireAuthorization(BearerAuthentication.AdminPolicy)
            .Fails(PurchaseErrors.NotFound, PurchaseErrors.NotPending);
        purchases
            .MapPatch("/{id}/reverse", ReversePurchase.Handle)
            .Describe(
                "ReversePurchase",
                "Take a purchase back",
                "With its cashback; what was withdrawn of it becomes a debt."
            )
            .Answers(PurchaseExamples.Reversed)
            .RequireAuthorization(BearerAuthentication.AdminPolicy)
            .Fails(PurchaseErrors.NotFound, PurchaseErrors.AlreadyReversed);

        api.MapGet("/users/me/purchases", ListMyPurchases.Handle)
            .Describe("ListMyPurchases", "List my purchases", "Newest first.")
            .AnswersPageOf(PurchaseExamples.Mine)
            .WithTags("Purchases")
            .RequireAuthorization()
            .Fails(PurchaseErrors.InvalidStatus);
    }
}
