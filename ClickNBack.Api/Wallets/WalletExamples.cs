using ClickNBack.Api.Purchases;

namespace ClickNBack.Api.Wallets;

/// <summary>What the API's description shows of wallets.</summary>
internal static class WalletExamples
{
    public static readonly WalletResponse Wallet = new(
        PendingBalance: 19.05m,
        AvailableBalance: 15,
        PaidBalance: 50,
        OwedBalance: 0
    );

    public static readonly WalletTransactionResponse Cashback = new(
        new Guid("ca000001-0000-4000-8000-000000000001"),
        Amount: 5.02m,
        CashbackStatus.Pending,
        RelatedPurchaseId: new Guid("aa000001-0000-4000-8000-000000000001")
    );
}
