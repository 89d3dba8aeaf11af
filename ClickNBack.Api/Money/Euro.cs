using System.Globalization;

namespace ClickNBack.Api.Money;

/// <summary>EUR with two decimals. Always a <see cref="decimal"/>, never binary floating point.</summary>
internal static class Euro
{
    /// <summary>The largest amount the platform records: 9,999,999,999.99.</summary>
    public const decimal Largest = 9_999_999_999.99m;

    /// <summary>Rounds to cents, half to even (contract 3.2).</summary>
    public static decimal Round(decimal amount) => decimal.Round(amount, 2, MidpointRounding.ToEven);

    /// <summary>The amount with two decimals, as in messages.</summary>
    public static string Text(decimal amount) => amount.ToString("0.00", CultureInfo.InvariantCulture);
}
