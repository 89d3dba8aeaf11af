using ClickNBack.Api.Http;
using ClickNBack.Api.Ledger;
using ClickNBack.Api.Wallets;

namespace ClickNBack.Api.Payouts;

/// <summary>What can go wrong with payouts.</summary>
public static class PayoutErrors
{
    private const string AskForLess = "Ask for at most the available balance.";
    private const string ChangeOrWait = "Change the amount or try again later.";

    /// <summary>No such payout.</summary>
    public static readonly ErrorCode NotFound = new("NOT_FOUND", ErrorKind.NotFound, "There is no such payout.")
    {
        DetailsExample = new { resource_type = "payout", resource_id = PayoutExamples.Requested.Id },
    };

    /// <summary>More than there is.</summary>
    public static readonly ErrorCode InsufficientBalance = new(
        "INSUFFICIENT_BALANCE",
        ErrorKind.Conflict,
        "The available balance does not cover the payout."
    )
    {
        DetailsExample = new
        {
            requested_amount = "20.00",
            available_balance = Money.Text(WalletExamples.Wallet.AvailableBalance),
            pending_balance = Money.Text(WalletExamples.Wallet.PendingBalance),
            action = AskForLess,
        },
    };

    /// <summary>Against the rules of payouts.</summary>
    public static readonly ErrorCode PolicyViolation = new(
        "PAYOUT_POLICY_VIOLATION",
        ErrorKind.Invalid,
        "The payout is below the minimum, over a limit, or too soon."
    )
    {
        DetailsExample = new { violations = new[] { "The smallest payout is 10.00 EUR." }, action = ChangeOrWait },
    };

    /// <summary>Not from where it stands.</summary>
    public static readonly ErrorCode InvalidTransition = new(
        "INVALID_PAYOUT_TRANSITION",
        ErrorKind.Refused,
        "A payout in this status cannot go to the wanted one."
    )
    {
        DetailsExample = new
        {
            violations = new[]
            {
                new
                {
                    payout_id = PayoutExamples.Requested.Id,
                    current_status = PayoutStatus.Completed,
                    requested_status = PayoutStatus.Failed,
                },
            },
        },
    };

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
                action = AskForLess,
            }
        );

    internal static ApiError AgainstPolicy(IReadOnlyList<string> violations) =>
        PolicyViolation.With("The payout is against the rules.", new { violations, action = ChangeOrWait });

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
