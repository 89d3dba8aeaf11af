using ClickNBack.Api.Merchants;

namespace ClickNBack.Api.Offers;

/// <summary>What the API's description shows of offers.</summary>
internal static class OfferExamples
{
    public static readonly OfferResponse Offer = new(
        new Guid("f0e1d2c3-b4a5-4678-9012-3456789abcde"),
        MerchantExamples.Shoply.Id,
        CashbackType.Percent,
        CashbackValue: 5,
        new DateOnly(2026, 1, 1),
        new DateOnly(2026, 12, 31),
        MonthlyCapPerUser: 50,
        ActiveStatus.Active
    );

    public static readonly ActiveOfferResponse Active = new(
        Offer.Id,
        MerchantExamples.Shoply.Name,
        Offer.CashbackType,
        Offer.CashbackValue,
        Offer.MonthlyCapPerUser,
        Offer.StartDate,
        Offer.EndDate
    );

    public static readonly OfferDetailsResponse Details = new(
        Offer.Id,
        MerchantExamples.Shoply.Name,
        Offer.CashbackType,
        Offer.CashbackValue,
        Offer.MonthlyCapPerUser,
        Offer.StartDate,
        Offer.EndDate,
        Offer.Status
    );

    public static readonly CreateOffer.Request Create = new()
    {
        MerchantId = Offer.MerchantId,
        CashbackType = Offer.CashbackType,
        CashbackValue = Offer.CashbackValue,
        StartDate = Offer.EndDate,
        EndDate = Offer.EndDate,
        MonthlyCap = Offer.MonthlyCapPerUser,
    };

    public static readonly SetOfferStatus.Request Switch = new() { Status = ActiveStatus.Active };

    public static readonly StatusResponse Switched = new(Offer.Id, ActiveStatus.Active);
}
