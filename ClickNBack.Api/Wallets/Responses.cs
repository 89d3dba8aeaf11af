using System.Text.Json.Serialization;
using ClickNBack.Api.Money;
using ClickNBack.Api.Purchases;

namespace ClickNBack.Api.Wallets;

/// <summary>A user's balances, EUR.</summary>
/// <param name="PendingBalance">Of purchases that are not verified yet.</param>
/// <param name="AvailableBalance">Can be withdrawn.</param>
/// <param name="PaidBalance">Was paid out.</param>
/// <param name="OwedBalance">Is netted from the next cashback that becomes available (contract D4).</param>
internal sealed record WalletResponse(
    [property: JsonConverter(typeof(MoneyText))] decimal PendingBalance,
    [property: JsonConverter(typeof(MoneyText))] decimal AvailableBalance,
    [property: JsonConverter(typeof(MoneyText))] decimal PaidBalance,
    [property: JsonConverter(typeof(MoneyText))] decimal OwedBalance
);

/// <summary>One cashback in the caller's wallet.</summary>
/// <param name="Id">The identifier.</param>
/// <param name="Amount">EUR; stays what it was after a reversal.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="RelatedPurchaseId">The purchase that earned it.</param>
/// <param name="Type">Always <c>cashback_credit</c>.</param>
internal sealed record WalletTransactionResponse(
    Guid Id,
    [property: JsonConverter(typeof(MoneyText))] decimal Amount,
    CashbackStatus Status,
    Guid RelatedPurchaseId,
    string Type = "cashback_credit"
);
