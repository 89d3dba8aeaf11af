using ClickNBack.Api.Merchants;
using ClickNBack.Api.Offers;
using ClickNBack.Api.Users;

namespace ClickNBack.Api.Purchases;

/// <summary>What the API's description shows of purchases: 100.50 EUR at 5 %.</summary>
internal static class PurchaseExamples
{
    public static readonly RecordedPurchaseResponse Recorded = new(
        new Guid("aa000001-0000-4000-8000-000000000001"),
        PurchaseStatus.Pending,
        CashbackAmount: 5.02m
    );

    public static readonly PurchaseResponse Mine = new(
        Recorded.Id,
        MerchantExamples.Shoply.Name,
        Amount: 100.50m,
        Recorded.Status,
        Recorded.CashbackAmount,
        CashbackStatus.Pending,
        new DateTimeOffset(2026, 11, 20, 21, 5, 23, TimeSpan.Zero)
    );

    public static readonly AdminPurchaseResponse Anybodys = new(
        Recorded.Id,
        "order-2026-1042",
        UserExamples.Alice.Id,
        MerchantExamples.Shoply.Id,
        OfferExamples.Offer.Id,
        Mine.Amount,
        "EUR",
        Mine.Status,
        Mine.CreatedAt
    );

    public static readonly IngestPurchase.Request Ingest = new()
    {
        ExternalId = Anybodys.ExternalId,
        UserId = Anybodys.UserId,
        MerchantId = Anybodys.MerchantId,
        Amount = Anybodys.Amount,
        Currency = Anybodys.Currency,
    };

    public static readonly PurchaseStatusResponse Confirmed = new(
        Recorded.Id,
        PurchaseStatus.Confirmed,
        Recorded.CashbackAmount
    );

    public static readonly PurchaseStatusResponse Reversed = new(
        Recorded.Id,
        PurchaseStatus.Reversed,
        CashbackAmount: 0
    );
}
