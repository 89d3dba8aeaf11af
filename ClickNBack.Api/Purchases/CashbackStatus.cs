namespace ClickNBack.Api.Purchases;

/// <summary>Where the cashback of a purchase stands.</summary>
internal enum CashbackStatus
{
    /// <summary>Promised: the purchase is not verified yet.</summary>
    Pending,

    /// <summary>The user's to withdraw.</summary>
    Available,

    /// <summary>Taken back: the purchase was rejected or reversed. Final.</summary>
    Reversed,
}

/// <summary>Cashback stands where its purchase does.</summary>
internal static class CashbackStatuses
{
    /// <summary>The status of a purchase's cashback.</summary>
    public static CashbackStatus Of(PurchaseStatus purchase) =>
        purchase switch
        {
            PurchaseStatus.Pending => CashbackStatus.Pending,
            PurchaseStatus.Confirmed => CashbackStatus.Available,
            PurchaseStatus.Rejected or PurchaseStatus.Reversed => CashbackStatus.Reversed,
        };
}
