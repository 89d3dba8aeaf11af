using System.Text.Json.Serialization;
using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Wallets;

/// <summary>One cashback in the caller's wallet.</summary>
/// <param name="Id">The identifier.</param>
/// <param name="Amount">EUR; stays what it was after a reversal.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="RelatedPurchaseId">The purchase that earned it.</param>
/// <param name="Type">Always <c>cashback_credit</c>.</param>
public sealed record WalletTransactionResponse(
    Guid Id,
    [property: JsonConverter(typeof(MoneyText))] decimal Amount,
    CashbackStatus Status,
    Guid RelatedPurchaseId,
    string Type = "cashback_credit"
);

/// <summary>The caller's cashback, newest first. A screen of the client, hence compiled queries.</summary>
public static class ListWalletTransactions
{
    /// <summary>What is asked.</summary>
    public sealed record Request(Paging Paging) : IRequest<Request>
    {
        /// <inheritdoc/>
        public static Request Read(Fields fields) => new(Paging.Read(fields, Paging.ShortLimit));
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

    /// <summary>The handler.</summary>
    public static async Task<Ok<Page<WalletTransactionResponse>>> Handle(
        Query<Request> query,
        Caller caller,
        ClickNBackDbContext db,
        CancellationToken cancel
    )
    {
        var paging = query.Value.Paging;
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
