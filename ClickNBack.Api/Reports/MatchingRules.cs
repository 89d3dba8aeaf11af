using ClickNBack.Api.Purchases;

namespace ClickNBack.Api.Reports;

/// <summary>What follows from one reported transaction.</summary>
internal enum MatchOutcome
{
    /// <summary>The purchase stands where the transaction says already.</summary>
    Settle,

    /// <summary>Pending → confirmed.</summary>
    Confirm,

    /// <summary>Pending → rejected.</summary>
    Reject,

    /// <summary>Pending or confirmed → reversed.</summary>
    Reverse,

    /// <summary>An administrator decides: the amounts differ.</summary>
    DisputeAmount,

    /// <summary>An administrator decides: statuses contradict each other.</summary>
    DisputeStatus,
}

/// <summary>What a merchant says of an order, as far as the rules need it.</summary>
internal sealed record Said(TransactionStatus Status, decimal Amount, string Currency, DateTimeOffset ReportedAt);

/// <summary>
/// How reports decide purchases. Nothing becomes available unless the merchant approves the very amount that was claimed, and
/// reports that come in another order than they were made in do not change the end.
/// </summary>
internal static class MatchingRules
{
    /// <summary>What follows.</summary>
    /// <param name="status">Where the purchase stands.</param>
    /// <param name="amount">What was claimed, EUR.</param>
    /// <param name="said">What is reported.</param>
    /// <param name="earlier">What was taken in of the same order before.</param>
    public static MatchOutcome Decide(PurchaseStatus status, decimal amount, Said said, IReadOnlyList<Said> earlier)
    {
        var isOver = status is PurchaseStatus.Rejected or PurchaseStatus.Reversed;
        if (said.Status == TransactionStatus.Approved)
        {
            // One that was overtaken by the return of the same order is no news.
            return (isOver, said.Amount == amount && said.Currency == "EUR", status) switch
            {
                (true, _, _) when WasReturned(earlier, said.ReportedAt) => MatchOutcome.Settle,
                (true, _, _) => MatchOutcome.DisputeStatus,
                (_, false, _) => MatchOutcome.DisputeAmount,
                (_, _, PurchaseStatus.Pending) => MatchOutcome.Confirm,
                _ => MatchOutcome.Settle,
            };
        }

        return (said.Status, status) switch
        {
            _ when isOver => MatchOutcome.Settle, // there is no money of it to take back
            _ when said.Amount != amount || said.Currency != "EUR" => MatchOutcome.DisputeAmount,
            (TransactionStatus.Returned, _) => MatchOutcome.Reverse,
            (_, PurchaseStatus.Pending) => MatchOutcome.Reject,
            _ => MatchOutcome.DisputeStatus, // declined after it was confirmed
        };
    }

    private static bool WasReturned(IReadOnlyList<Said> earlier, DateTimeOffset approvedAt) =>
        earlier.Any(it => it.Status == TransactionStatus.Returned && it.ReportedAt >= approvedAt);
}
