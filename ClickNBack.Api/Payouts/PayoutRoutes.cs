using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Idempotency;
using ClickNBack.Api.OpenApi;

namespace ClickNBack.Api.Payouts;

/// <summary>Payouts.</summary>
public static class PayoutRoutes
{
    /// <summary>Maps them.</summary>
    public static void MapPayouts(this IEndpointRouteBuilder api)
    {
        var mine = api.MapGroup("/users/me/payouts").WithTags("Payouts").RequireAuthorization();
        mine.MapPost("/", RequestPayout.Handle)
            .Describe(
                "RequestPayout",
                "Withdraw cashback",
                "The amount leaves the available balance at once. `bank_transfer` needs `iban` and `account_holder`, `card` needs `card_number` and `card_holder`."
            )
            .Answers(PayoutExamples.Requested)
            .Fails(
                PayoutErrors.InsufficientBalance,
                PayoutErrors.PolicyViolation,
                IdempotencyErrors.KeyReused,
                IdempotencyErrors.KeyInUse
            );
        mine.MapGet("/", ListPayouts.HandleMine)
            .Describe("ListMyPayouts", "List my payouts", "Newest first.")
            .AnswersPageOf(PayoutExamples.Paid);

        var all = api.MapGroup("/admin/payouts")
            .WithTags("Payouts")
            .RequireAuthorization(BearerAuthentication.AdminPolicy);
        all.MapGet("/", ListPayouts.HandleAll)
            .Describe("ListPayouts", "List everybody's payouts", "Newest first; both days count.")
            .AnswersPageOf(PayoutExamples.Paid);
        all.MapPatch("/{id}/process", ProcessPayout.Handle)
            .Describe(
                "ProcessPayout",
                "Take a payout along",
                "requested → (processing →) completed or failed. A failed one gives the money back."
            )
            .Answers(PayoutExamples.Processed)
            .Fails(PayoutErrors.NotFound, PayoutErrors.InvalidTransition);
    }
}
