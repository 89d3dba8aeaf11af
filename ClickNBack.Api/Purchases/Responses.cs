using System.Linq.Expressions;
using System.Text.Json.Serialization;
using ClickNBack.Api.Http;
using ClickNBack.Api.Money;
using ClickNBack.Api.Persistence;
using Npgsql;

namespace ClickNBack.Api.Purchases;

/// <summary>A purchase as its buyer sees it; the mobile client decodes every field (contract, section 8).</summary>
/// <param name="Id">The identifier.</param>
/// <param name="MerchantName">The merchant's current name.</param>
/// <param name="Amount">What was paid, EUR.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="CashbackAmount">What it earns, EUR.</param>
/// <param name="CashbackStatus">Where the cashback stands.</param>
/// <param name="CreatedAt">When it was recorded, UTC, whole seconds.</param>
internal sealed record PurchaseResponse(
    Guid Id,
    string MerchantName,
    [property: JsonConverter(typeof(MoneyText))] decimal Amount,
    PurchaseStatus Status,
    [property: JsonConverter(typeof(MoneyText))] decimal CashbackAmount,
    CashbackStatus? CashbackStatus,
    [property: JsonConverter(typeof(WholeSecondInstant))] DateTimeOffset CreatedAt
)
{
    /// <summary>What <see cref="Read"/> reads first, of a purchase <c>p</c> and its merchant <c>m</c>.</summary>
    internal const string Columns = "p.id, m.name, p.amount, p.status, p.cashback_amount, p.created_at";

    internal static PurchaseResponse Read(NpgsqlDataReader row)
    {
        var status = row.GetChoice<PurchaseStatus>(3);
        return new(
            row.GetGuid(0),
            row.GetString(1),
            row.GetDecimal(2),
            status,
            Purchase.CashbackNow(status, row.GetDecimal(4)),
            CashbackStatuses.Of(status),
            row.GetFieldValue<DateTimeOffset>(5)
        );
    }
}

/// <summary>A purchase as administrators list it.</summary>
/// <param name="Id">The identifier.</param>
/// <param name="ExternalId">The merchant's or affiliate network's identifier.</param>
/// <param name="UserId">Who bought.</param>
/// <param name="MerchantId">Where.</param>
/// <param name="OfferId">The offer in force at ingestion.</param>
/// <param name="Amount">What was paid, EUR.</param>
/// <param name="Currency">EUR.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="CreatedAt">When it was recorded, UTC, whole seconds.</param>
internal sealed record AdminPurchaseResponse(
    Guid Id,
    string ExternalId,
    Guid UserId,
    Guid MerchantId,
    Guid OfferId,
    [property: JsonConverter(typeof(MoneyText))] decimal Amount,
    string Currency,
    PurchaseStatus Status,
    [property: JsonConverter(typeof(WholeSecondInstant))] DateTimeOffset CreatedAt
)
{
    internal static readonly Expression<Func<Purchase, AdminPurchaseResponse>> Projection =
        it => new AdminPurchaseResponse(
            it.Id,
            it.ExternalId,
            it.UserId,
            it.MerchantId,
            it.OfferId,
            it.Amount,
            it.Currency,
            it.Status,
            it.CreatedAt
        );
}

/// <summary>A purchase whose status was just changed.</summary>
/// <param name="Id">The identifier.</param>
/// <param name="Status">Its status now.</param>
/// <param name="CashbackAmount">Its cashback now, EUR.</param>
internal sealed record PurchaseStatusResponse(
    Guid Id,
    PurchaseStatus Status,
    [property: JsonConverter(typeof(MoneyText))] decimal CashbackAmount
)
{
    internal static PurchaseStatusResponse Of(Purchase purchase) =>
        new(purchase.Id, purchase.Status, Purchase.CashbackNow(purchase.Status, purchase.CashbackAmount));
}

/// <summary>A purchase that was just recorded.</summary>
/// <param name="Id">The identifier.</param>
/// <param name="Status">Always pending.</param>
/// <param name="CashbackAmount">What it earns once it is confirmed, EUR.</param>
internal sealed record RecordedPurchaseResponse(
    Guid Id,
    PurchaseStatus Status,
    [property: JsonConverter(typeof(MoneyText))] decimal CashbackAmount
);
