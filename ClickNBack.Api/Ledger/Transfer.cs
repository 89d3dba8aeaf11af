namespace ClickNBack.Api.Ledger;

/// <summary>Where money can be.</summary>
internal enum Account
{
    /// <summary>What a merchant owes the platform for its customers' cashback.</summary>
    MerchantReceivable,

    /// <summary>A user's cashback of purchases that are not verified yet.</summary>
    UserPending,

    /// <summary>A user's cashback that can be withdrawn.</summary>
    UserAvailable,

    /// <summary>What a user owes for cashback that was withdrawn and then taken back.</summary>
    UserDebt,

    /// <summary>A user's payouts that were asked for and are neither paid nor failed.</summary>
    PayoutInTransit,

    /// <summary>A user's payouts that were paid.</summary>
    PaidOut,
}

/// <summary>Why money moves. Each happens at most once to one purchase or payout.</summary>
internal enum Movement
{
    /// <summary>A purchase was recorded.</summary>
    CashbackEarned,

    /// <summary>Its cashback became available.</summary>
    CashbackConfirmed,

    /// <summary>It was not verified.</summary>
    CashbackRejected,

    /// <summary>It was taken back.</summary>
    CashbackReversed,

    /// <summary>A payout was asked for.</summary>
    PayoutRequested,

    /// <summary>It was paid.</summary>
    PayoutCompleted,

    /// <summary>It failed: the money is back.</summary>
    PayoutFailed,

    /// <summary>A purchase was taken back whose cashback was withdrawn: what is missing is owed.</summary>
    DebtIncurred,

    /// <summary>Money became available to somebody who owes: the debt is paid first.</summary>
    DebtNetted,
}

/// <summary>
/// One movement of money from one account to another; append-only (contract D6). The database knows which movement goes which
/// way, for whom, how much of it and after what, and refuses every other.
/// </summary>
/// <param name="Movement">Why.</param>
/// <param name="From">What it leaves.</param>
/// <param name="To">What it enters.</param>
/// <param name="Amount">EUR, above 0.</param>
/// <param name="UserId">Whose cashback or payout it is.</param>
/// <param name="MerchantId">The purchase's merchant; null for a payout.</param>
/// <param name="PurchaseId">The purchase whose cashback moves, or null.</param>
/// <param name="PayoutId">The payout that moves, or null.</param>
/// <param name="AuditLogId">The audit row of this very movement.</param>
/// <param name="OccurredAt">When, UTC.</param>
internal sealed record Transfer(
    Movement Movement,
    Account From,
    Account To,
    decimal Amount,
    Guid UserId,
    Guid? MerchantId,
    Guid? PurchaseId,
    Guid? PayoutId,
    Guid AuditLogId,
    DateTimeOffset OccurredAt
);
