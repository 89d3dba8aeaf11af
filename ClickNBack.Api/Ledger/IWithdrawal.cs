namespace ClickNBack.Api.Ledger;

/// <summary>Cashback that a payout withdraws.</summary>
internal interface IWithdrawal
{
    /// <summary>The payout.</summary>
    Guid Id { get; }

    /// <summary>Who withdraws.</summary>
    Guid UserId { get; }

    /// <summary>EUR, above 0.</summary>
    decimal Amount { get; }
}
