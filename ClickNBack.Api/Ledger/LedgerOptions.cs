using System.ComponentModel.DataAnnotations;

namespace ClickNBack.Api.Ledger;

/// <summary>Settings of section <c>Ledger</c>.</summary>
internal sealed record LedgerOptions
{
    /// <summary>How old the answer of the money invariants may become before they are asked again, in seconds.</summary>
    [Range(1, 86_400)]
    public int CheckIntervalSeconds { get; init; } = 300;
}
