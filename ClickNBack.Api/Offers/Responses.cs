using ClickNBack.Api.Merchants;

namespace ClickNBack.Api.Offers;

/// <summary>An offer in lists of all offers.</summary>
/// <param name="Id">The identifier.</param>
/// <param name="MerchantId">Whose offer it is.</param>
/// <param name="CashbackType">How the cashback is calculated.</param>
/// <param name="CashbackValue">Percent, or EUR.</param>
/// <param name="StartDate">The first day.</param>
/// <param name="EndDate">The last day.</param>
/// <param name="MonthlyCapPerUser">EUR a user and month.</param>
/// <param name="Status">Whether it is in use.</param>
internal sealed record OfferResponse(
    Guid Id,
    Guid MerchantId,
    CashbackType CashbackType,
    decimal CashbackValue,
    DateOnly StartDate,
    DateOnly EndDate,
    decimal MonthlyCapPerUser,
    ActiveStatus Status
)
{
    internal static OfferResponse Of(Offer offer) =>
        new(
            offer.Id,
            offer.MerchantId,
            offer.CashbackType,
            offer.CashbackValue,
            offer.StartDate,
            offer.EndDate,
            offer.MonthlyCap,
            offer.Active ? ActiveStatus.Active : ActiveStatus.Inactive
        );
}

/// <summary>An offer in force, as the mobile client lists it.</summary>
/// <param name="Id">The identifier.</param>
/// <param name="MerchantName">Whose offer it is.</param>
/// <param name="CashbackType">How the cashback is calculated.</param>
/// <param name="CashbackValue">Percent, or EUR.</param>
/// <param name="MonthlyCap">EUR a user and month.</param>
/// <param name="StartDate">The first day.</param>
/// <param name="EndDate">The last day.</param>
internal sealed record ActiveOfferResponse(
    Guid Id,
    string MerchantName,
    CashbackType CashbackType,
    decimal CashbackValue,
    decimal MonthlyCap,
    DateOnly StartDate,
    DateOnly EndDate
);

/// <summary>One offer in full.</summary>
/// <param name="Id">The identifier.</param>
/// <param name="MerchantName">Whose offer it is.</param>
/// <param name="CashbackType">How the cashback is calculated.</param>
/// <param name="CashbackValue">Percent, or EUR.</param>
/// <param name="MonthlyCap">EUR a user and month.</param>
/// <param name="StartDate">The first day.</param>
/// <param name="EndDate">The last day.</param>
/// <param name="Status">Whether it is in use.</param>
internal sealed record OfferDetailsResponse(
    Guid Id,
    string MerchantName,
    CashbackType CashbackType,
    decimal CashbackValue,
    decimal MonthlyCap,
    DateOnly StartDate,
    DateOnly EndDate,
    ActiveStatus Status
);
