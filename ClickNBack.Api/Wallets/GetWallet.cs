using System.Text.Json.Serialization;
using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace ClickNBack.Api.Wallets;

/// <summary>A user's balances, EUR.</summary>
/// <param name="PendingBalance">Of purchases that are not verified yet.</param>
/// <param name="AvailableBalance">Can be withdrawn.</param>
/// <param name="PaidBalance">Was paid out.</param>
/// <param name="OwedBalance">Is netted from the next cashback that becomes available (contract D4).</param>
public sealed record WalletResponse(
    [property: JsonConverter(typeof(MoneyText))] decimal PendingBalance,
    [property: JsonConverter(typeof(MoneyText))] decimal AvailableBalance,
    [property: JsonConverter(typeof(MoneyText))] decimal PaidBalance,
    [property: JsonConverter(typeof(MoneyText))] decimal OwedBalance
);

/// <summary>The caller's wallet; all zero before the first cashback.</summary>
public static class GetWallet
{
    private const string Sql =
        "SELECT pending_balance, available_balance, paid_balance, owed_balance FROM wallets WHERE user_id = $1";

    /// <summary>The handler.</summary>
    public static async Task<Ok<WalletResponse>> Handle(
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
