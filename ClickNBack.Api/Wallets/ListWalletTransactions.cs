using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Purchases;
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

    public static async Task<Results<Ok<Page<WalletTransactionResponse>>, ApiError>> HandleAsync(
        Query<Request> query,
        CallerQuery caller,
        CancellationToken cancel
    )
    {
        var (page, refusal) = await caller.ReadAsync(
            batch => batch.AddPage(query.Value, Count, Page, it => it.AddValue(caller.UserId)),
            row => row.ReadPageAsync(query.Value, Item, cancel),
            cancel
        );
        return refusal is null ? TypedResults.Ok(page) : refusal;
    }

    private static WalletTransactionResponse Item(NpgsqlDataReader row) =>
        new(row.GetGuid(0), row.GetDecimal(1), CashbackStatuses.Of(row.GetChoice<PurchaseStatus>(2)), row.GetGuid(0));
}
