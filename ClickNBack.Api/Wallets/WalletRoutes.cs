using ClickNBack.Api.Http;

namespace ClickNBack.Api.Wallets;

internal static class WalletRoutes
{
    public static void MapWallets(this IEndpointRouteBuilder api)
    {
        var wallet = api.MapGroup("/users/me/wallet").WithTags("Wallet").RequireAuthorization();

        wallet
            .MapGet("/", GetWallet.HandleAsync)
            .WithName("GetWallet")
            .WithSummary("My wallet")
            .WithDescription("All zero before the first cashback.")
            .WithExample(response: WalletExamples.Wallet);
        wallet
            .MapGet("/transactions", ListWalletTransactions.HandleAsync)
            .WithName("ListWalletTransactions")
            .WithSummary("List my cashback")
            .WithDescription("Newest first.")
            .WithPageExample(WalletExamples.Cashback);
    }
}
