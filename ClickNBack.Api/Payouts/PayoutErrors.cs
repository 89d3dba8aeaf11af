using ClickNBack.Api.Http;
using ClickNBack.Api.Money;

namespace ClickNBack.Api.Payouts;

internal static class PayoutErrors
{
    public static readonly ErrorCode<string> NotFound = HttpErrors.NotFound("payout", PayoutExamples.Requested.Id);

    public static readonly ErrorCode DestinationErased = new(
        "PAYOUT_DESTINATION_ERASED",
        ErrorKind.NotFound,
        "The payout has ended, and where it went is forgotten."
    );

    public static readonly ErrorCode<(decimal Requested, decimal Available, decimal Pending)> InsufficientBalance = new(
        "INSUFFICIENT_BALANCE",
        ErrorKind.Conflict,
        "The available balance does not cover the payout.",
        it =>
            (
                $"Only {Euro.Text(it.Available)} EUR are available.",
                new
                {
                    RequestedAmount = Euro.Text(it.Requested),
                    AvailableBalance = Euro.Text(it.Available),
                    PendingBalance = Euro.Text(it.Pending),
                    Action = "Request at most the available balance.",
                }
            ),
        (20, 15, 19.05m)
    );

    public static readonly ErrorCode<IReadOnlyList<string>> PolicyViolation = new(
        "PAYOUT_POLICY_VIOLATION",
        ErrorKind.Invalid,
        "The payout is below the minimum, over a limit, or too soon after another or after the registration.",
        violations =>
            (
                "The payout is against the rules.",
                new { Violations = violations, Action = "Change the amount or try again later." }
            ),
        ["The smallest payout is 10.00 EUR."]
    );

    public static readonly ErrorCode<(Guid Id, HoldReason Reason)> Held = new(
        "PAYOUT_HELD",
        ErrorKind.Refused,
        "The payout is held for review; release it first. A held one can be failed, and after a restore completed.",
        it =>
            (
                $"Payout {it.Id} is held: {Json.Name(it.Reason)}.",
                new
                {
                    PayoutId = it.Id,
                    HeldFor = it.Reason,
                    Action = "Release it first, or let it fail.",
                }
            ),
        (PayoutExamples.Requested.Id, HoldReason.Amount)
    );

    public static readonly ErrorCode<Guid> NotHeld = new(
        "PAYOUT_NOT_HELD",
        ErrorKind.Refused,
        "Only a held payout can be released.",
        id => ($"Payout {id} is not held, or not any more.", new { PayoutId = id }),
        PayoutExamples.Requested.Id
    );

    public static readonly ErrorCode<(Guid Id, PayoutStatus From, PayoutStatus To)> InvalidTransition = new(
        "INVALID_PAYOUT_TRANSITION",
        ErrorKind.Refused,
        "A payout in this status cannot go to the wanted one.",
        it =>
            (
                $"Payout {it.Id} is {Json.Name(it.From)} and cannot become {Json.Name(it.To)}.",
                new
                {
                    Violations = new[]
                    {
                        new
                        {
                            PayoutId = it.Id,
                            CurrentStatus = it.From,
                            RequestedStatus = it.To,
                        },
                    },
                }
            ),
        (PayoutExamples.Requested.Id, PayoutStatus.Completed, PayoutStatus.Failed)
    );
}
