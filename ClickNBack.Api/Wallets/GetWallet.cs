using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ClickNBack.Api.Wallets;

/// <summary>The caller's wallet; all zero before the first cashback.</summary>
internal static class GetWallet
{
    private const string Sql =
        "SELECT pending_balance, available_balance, paid_balance, owed_balance FROM wallets WHERE user_id = $1";

    public static async Task<Results<Ok<WalletResponse>, ApiError>> HandleAsync(
        CallerQuery query,
        CancellationToken cancel
    )
    {
        var (wallet, refusal) = await query.ReadAsync(
            batch => batch.Add(Sql, it => it.AddValue(query.UserId)),
            async row =>
                await row.ReadAsync(cancel)
                    ? new WalletResponse(row.GetDecimal(0), row.GetDecimal(1), row.GetDecimal(2), row.GetDecimal(3))
                    : new WalletResponse(0, 0, 0, 0),
            cancel
        );
        return refusal is null ? TypedResults.Ok(wallet) : refusal;
    }
}
