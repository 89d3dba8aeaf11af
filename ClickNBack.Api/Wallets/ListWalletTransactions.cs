using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Purchases;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace ClickNBack.Api.Wallets;

/// <summary>The caller's cashback, newest first: one for each purchase, whose identifier it shares.</summary>
internal static class ListWalletTransactions
{
    private const string Count = "SELECT count(*) FROM purchases WHERE user_id = $1";

    private const string Page = """
        SELECT id, cashback_amount, status
        FROM purchases
        WHERE user_id = $1
        ORDER BY created_at DESC, id DESC
        LIMIT $2 OFFSET $3
        """;

    internal sealed record Request : Paging
    {
        public Request() => Limit = ShortLimit;
    }

    public static async Task<Ok<Page<WalletTransactionResponse>>> HandleAsync(
        Query<Request> query,
        Caller caller,
        NpgsqlDataSource database,
        CancellationToken cancel
    ) =>
        TypedResults.Ok(
            await database.ReadPageAsync(
                query.Value,
                Count,
                Page,
                it => it.AddValue(caller.Id),
                row => new WalletTransactionResponse(
                    row.GetGuid(0),
                    row.GetDecimal(1),
                    CashbackStatuses.Of(row.GetChoice<PurchaseStatus>(2)),
                    row.GetGuid(0)
                ),
                cancel
            )
        );
}
