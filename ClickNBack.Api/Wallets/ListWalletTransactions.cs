using System.Text.Json.Serialization;
using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;

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

/// <summary>The caller's cashback, newest first.</summary>
public static class ListWalletTransactions
{
    /// <summary>What is asked.</summary>
    public sealed record Request(Paging Paging) : IRequest<Request>
    {
        /// <inheritdoc/>
        public static Request Read(Fields fields) => new(Paging.Read(fields, Paging.ShortLimit));
    }

    /// <summary>The handler.</summary>
    public static async Task<Ok<Page<WalletTransactionResponse>>> Handle(
        Query<Request> query,
        Caller caller,
        ClickNBackDbContext db,
        CancellationToken cancel
    ) =>
        TypedResults.Ok(
            await db
                .CashbackTransactions.Where(it => it.UserId == caller.Id)
                .OrderByDescending(it => it.CreatedAt)
                .ThenByDescending(it => it.Id)
                .Select(it => new WalletTransactionResponse(
                    it.Id,
                    it.Amount,
                    it.Status,
                    it.PurchaseId,
                    "cashback_credit"
                ))
                .ToPageAsync(query.Value.Paging, cancel)
        );
}
