using ClickNBack.Api.Http;
using ClickNBack.Api.Idempotency;
using ClickNBack.Api.Users;

namespace ClickNBack.Api.Payouts;

internal static class PayoutRoutes
{
    public static void MapPayouts(this IEndpointRouteBuilder api)
    {
        var mine = api.MapGroup("/users/me/payouts").WithTags("Payouts").RequireAuthorization();
        mine.MapPost("/", RequestPayout.HandleAsync)
            .WithName("RequestPayout")
            .WithSummary("Withdraw cashback")
            .WithDescription(
                "The amount leaves the available balance at once. `bank_transfer` needs `iban` and `account_holder`, `card` needs the payment processor's `card_token` and `card_holder`."
            )
            .WithExample(PayoutExamples.Request, PayoutExamples.Requested)
            .ProducesErrors(
                PayoutErrors.InsufficientBalance,
                PayoutErrors.PolicyViolation,
                IdempotencyErrors.KeyReused,
                IdempotencyErrors.KeyInUse
            );
        mine.MapGet("/", ListMyPayouts.HandleAsync)
            .WithName("ListMyPayouts")
            .WithSummary("List my payouts")
            .WithDescription("Newest first.")
            .WithPageExample(PayoutExamples.Paid);

        var all = api.MapGroup("/admin/payouts").WithTags("Payouts").RequireAuthorization(Policies.Admin);
        all.MapGet("/", ListPayouts.HandleAsync)
            .WithName("ListPayouts")
            .WithSummary("List everybody's payouts")
            .WithDescription(
                "Newest first; both days count. `held` asks for those that wait for a release, or for the others."
            )
            .WithPageExample(PayoutExamples.Anybodys);
        all.MapGet("/{id}/destination", GetPayoutDestination.HandleAsync)
            .WithName("GetPayoutDestination")
            .WithSummary("Get where a payout goes")
            .WithDescription("Each look is audited. It is forgotten some days after the payout has ended.")
            .WithExample(response: PayoutExamples.Destination)
            .ProducesErrors(PayoutErrors.NotFound, PayoutErrors.DestinationErased);
        all.MapPatch("/{id}/process", ProcessPayout.HandleAsync)
            .WithName("ProcessPayout")
            .WithSummary("Process a payout")
            .WithDescription(
                "requested → (processing →) completed or failed. A failed one gives the money back. A held one is released first, or fails."
            )
            .WithExample(PayoutExamples.Process, PayoutExamples.Processed)
            .ProducesErrors(PayoutErrors.NotFound, PayoutErrors.InvalidTransition, PayoutErrors.Held);
        all.MapPost("/{id}/release", ReleasePayout.HandleAsync)
            .WithName("ReleasePayout")
            .WithSummary("Release a held payout")
            .WithDescription("It can be processed from then on. Once, and audited.")
            .WithExample(response: PayoutExamples.Released)
            .ProducesErrors(PayoutErrors.NotFound, PayoutErrors.NotHeld);
    }
}
