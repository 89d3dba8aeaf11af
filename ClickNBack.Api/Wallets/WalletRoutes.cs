using ClickNBack.Api.OpenApi;

namespace ClickNBack.Api.Wallets;

/// <summary>The caller's wallet.</summary>
public static class WalletRoutes
{
    /// <summary>Maps it.</summary>
    public static void MapWallets(this IEndpointRouteBuilder api)
    {
        var wallet = api.MapGroup("/users/me/wallet").WithTags("Wallet").RequireAuthorization();

        wallet
            .MapGet("/", GetWallet.Handle)
            .Describe("GetWallet", "My wallet", "All zero before the first cashback.")
            .Answers(WalletExamples.Wallet);
        wallet
            .MapGet("/transactions", ListWalletTransactions.Handle)
            .Describe("ListWalletTransactions", "List my cashback", "Newest first.")
            .AnswersPageOf(WalletExamples.Cashback);
    }
}
