using System.Text.Json.Serialization;
using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

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
    private static readonly Func<ClickNBackDbContext, Guid, Task<WalletResponse?>> Load = EF.CompileAsyncQuery(
        (ClickNBackDbContext db, Guid id) =>
            db
                .Wallets.Where(it => it.UserId == id)
                .Select(it => new WalletResponse(
                    it.PendingBalance,
                    it.AvailableBalance,
                    it.PaidBalance,
                    it.OwedBalance
                ))
                .FirstOrDefault()
    );

    /// <summary>The handler.</summary>
    public static async Task<Ok<WalletResponse>> Handle(Caller caller, ClickNBackDbContext db) =>
        TypedResults.Ok(await Load(db, caller.Id) ?? new WalletResponse(0, 0, 0, 0));
}
