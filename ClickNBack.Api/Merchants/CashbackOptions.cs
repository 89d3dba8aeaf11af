using System.ComponentModel.DataAnnotations;

namespace ClickNBack.Api.Merchants;

/// <summary>Settings of section <c>Cashback</c>.</summary>
internal sealed record CashbackOptions
{
    /// <summary>The largest percentage that a merchant or an offer may give.</summary>
    [Range(0.01, 100)]
    public decimal MaxPercentage { get; init; } = 20;
}
