using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Wallets;

/// <summary>The caller's cashback, newest first. A screen of the client, hence compiled queries.</summary>
internal static class ListWalletTransactions
{
    internal sealed record Request : Paging
    {
        public Request() => Limit = ShortLimit;
    }

    private static readonly Func<ClickNBackDbContext, Guid, CancellationToken, Task<long>> CountAll =
        EF.CompileAsyncQuery(
            (ClickNBackDbContext db, Guid userId, CancellationToken cancel) =>
                db.CashbackTransactions.LongCount(it => it.UserId == userId)
        );

    private static readonly Func<
        ClickNBackDbContext,
        Guid,
        int,
        int,
        IAsyncEnumerable<WalletTransactionResponse>
    > ReadPage = EF.CompileAsyncQuery(
        (ClickNBackDbContext db, Guid userId, int offset, int limit) =>
            db
                .CashbackTransactions.Where(it => it.UserId == userId)
                .OrderByDescending(it => it.CreatedAt)
                .ThenByDescending(it => it.Id)
                .Skip(offset)
                .Take(limit)
                .Select(it => new WalletTransactionResponse(
                    it.Id,
                    it.Amount,
                    it.Status,
                    it.PurchaseId,
                    "cashback_credit"
                ))
    );

    public static async Task<Ok<Page<WalletTransactionResponse>>> HandleAsync(
        Query<Request> query,
        Caller caller,
        ClickNBackDbContext db,
        CancellationToken cancel
    )
    {
        var paging = query.Value;
        var total = await CountAll(db, caller.Id, cancel);
        IReadOnlyList<WalletTransactionResponse> page =
            paging.Offset >= total
                ? []
                : await ReadPage(db, caller.Id, (int)paging.Offset, paging.Limit).ToListAsync(cancel);
        return TypedResults.Ok(
            new Page<WalletTransactionResponse>(page, new Pagination(paging.Offset, paging.Limit, total))
        );
    }
}
