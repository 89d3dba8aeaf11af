using ClickNBack.Api.Http;
using ClickNBack.Api.Ledger;

namespace ClickNBack.Api.Payouts;

/// <summary>What can go wrong with payouts.</summary>
public static class PayoutErrors
{
    /// <summary>No such payout.</summary>
    public static readonly ErrorCode NotFound = new("NOT_FOUND", ErrorKind.NotFound, "There is no such payout.");

    /// <summary>More than there is.</summary>
    public static readonly ErrorCode InsufficientBalance = new(
        "INSUFFICIENT_BALANCE",
        ErrorKind.Conflict,
        "The available balance does not cover the payout."
    );

    /// <summary>Against the rules of payouts.</summary>
    public static readonly ErrorCode PolicyViolation = new(
        "PAYOUT_POLICY_VIOLATION",
        ErrorKind.Invalid,
        "The payout is below the minimum, over a limit, or too soon."
    );

    /// <summary>Not from where it stands.</summary>
    public static readonly ErrorCode InvalidTransition = new(
        "INVALID_PAYOUT_TRANSITION",
        ErrorKind.Refused,
        "A payout in this status cannot go to the wanted one."
    );

    internal static ApiError Unknown(string id) =>
        NotFound.With($"There is no payout {id}.", new { resource_type = "payout", resource_id = id });

    internal static ApiError NotCovered(decimal amount, decimal available, decimal pending) =>
        InsufficientBalance.With(
            $"Only {Money.Text(available)} EUR are available.",
            new
            {
                requested_amount = Money.Text(amount),
                available_balance = Money.Text(available),
                pending_balance = Money.Text(pending),
                action = "Ask for at most the available balance.",
            }
        );

    internal static ApiError AgainstPolicy(IReadOnlyList<string> violations) =>
        PolicyViolation.With(
            "The payout is against the rules.",
            new { violations, action = "Change the amount or try again later." }
        );

    internal static ApiError CannotBecome(Guid id, PayoutStatus current, PayoutStatus wanted) =>
        InvalidTransition.With(
            $"Payout {id} is {Json.Name(current)} and cannot become {Json.Name(wanted)}.",
            new
            {
                violations = new[]
                {
                    new
                    {
                        payout_id = id,
                        current_status = current,
                        requested_status = wanted,
                    },
                },
            }
        );
}
