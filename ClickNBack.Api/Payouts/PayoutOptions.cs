using System.ComponentModel.DataAnnotations;

namespace ClickNBack.Api.Payouts;

/// <summary>Settings of section <c>Payouts</c>. The original's documents contradict each other: only the minimum is on by default.</summary>
internal sealed record PayoutOptions
{
    /// <summary>The smallest payout, EUR.</summary>
    [Range(0.01, 1_000_000)]
    public decimal MinimumAmount { get; init; } = 10;

    /// <summary>What a user may withdraw in 7 days, EUR; no limit if not given.</summary>
    [Range(0.01, 1_000_000)]
    public decimal? WeeklyLimit { get; init; }

    /// <summary>What a user may withdraw in a calendar month (UTC), EUR; no limit if not given.</summary>
    [Range(0.01, 1_000_000)]
    public decimal? MonthlyLimit { get; init; }

    /// <summary>How long a user waits between two payouts, in hours; 0: not at all.</summary>
    [Range(0, 8760)]
    public int HoursBetween { get; init; }

    /// <summary>For how many days after a payout has ended it is kept where it went.</summary>
    [Range(1, 3650)]
    public int DestinationDays { get; init; } = 30;
}
