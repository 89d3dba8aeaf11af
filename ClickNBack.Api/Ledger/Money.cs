using System.Globalization;

namespace ClickNBack.Api.Ledger;

/// <summary>EUR with two decimals. Always a <see cref="decimal"/>, never binary floating point.</summary>
public static class Money
{
    /// <summary>Rounds to cents, half to even (contract 3.2).</summary>
    public static decimal Round(decimal amount) => decimal.Round(amount, 2, MidpointRounding.ToEven);

    /// <summary>The amount with two decimals, as in messages.</summary>
    public static string Text(decimal amount) => amount.ToString("0.00", CultureInfo.InvariantCulture);
}
