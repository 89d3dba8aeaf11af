using ClickNBack.Api.Money;
using ClickNBack.Api.Offers;

namespace ClickNBack.Api.Purchases;

/// <summary>What a purchase earns (contract 3.2).</summary>
internal static class Cashback
{
    /// <summary>The cashback of an amount before any cap, EUR, rounded half to even.</summary>
    /// <param name="type">How it is calculated.</param>
    /// <param name="value">Percent, or EUR.</param>
    /// <param name="amount">The purchase, EUR.</param>
    public static decimal Of(CashbackType type, decimal value, decimal amount) =>
        type switch
        {
            CashbackType.Percent => Euro.Round(amount * value / 100),
            CashbackType.Fixed => Euro.Round(value),
        };

    /// <summary>What of it the monthly cap leaves, EUR, never below 0.</summary>
    /// <param name="raw">The cashback before the cap.</param>
    /// <param name="monthlyCap">The offer's cap.</param>
    /// <param name="credited">What this user was credited from this offer this month.</param>
    public static decimal Capped(decimal raw, decimal monthlyCap, decimal credited) =>
        Math.Max(0, Math.Min(raw, monthlyCap - credited));
}
