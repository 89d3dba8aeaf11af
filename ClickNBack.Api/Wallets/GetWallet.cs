using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace ClickNBack.Api.Wallets;

/// <summary>The caller's wallet; all zero before the first cashback.</summary>
internal static class GetWallet
{
    private const string Sql =
        "SELECT pending_balance, available_balance, paid_balance, owed_balance FROM wallets WHERE user_id = $1";

    public static async Task<Ok<WalletResponse>> HandleAsync(
        Caller caller,
        NpgsqlDataSource database,
        CancellationToken cancel
    )
    {
        await using var command = database.CreateCommand(Sql);
        command.Parameters.AddValue(caller.Id);
        await using var row = await command.ExecuteReaderAsync(cancel);
        return TypedResults.Ok(
            await row.ReadAsync(cancel)
                ? new WalletResponse(row.GetDecimal(0), row.GetDecimal(1), row.GetDecimal(2), row.GetDecimal(3))
                : new WalletResponse(0, 0, 0, 0)
        );
    }
}
