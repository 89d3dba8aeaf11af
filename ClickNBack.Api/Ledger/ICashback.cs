namespace ClickNBack.Api.Ledger;

/// <summary>Cashback that a purchase earns.</summary>
internal interface ICashback
{
    /// <summary>The purchase.</summary>
    Guid Id { get; }

    /// <summary>Whose cashback it is.</summary>
    Guid UserId { get; }

    /// <summary>Who pays for it.</summary>
    Guid MerchantId { get; }

    /// <summary>EUR, 0 or above.</summary>
    decimal CashbackAmount { get; }
}
