using System.ComponentModel.DataAnnotations;

namespace ClickNBack.Api.Payouts;

/// <summary>
/// Settings of section <c>Payouts</c>. The original's documents contradict each other: of its limits only the minimum is on by
/// default. Those against fraud are on unless switched off.
/// </summary>
internal sealed record PayoutOptions : IValidatableObject
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

    /// <summary>How old an account must be before its first payout, in days; 0: of any age.</summary>
    [Range(0, 3650)]
    public int AccountAgeDays { get; init; } = 14;

    /// <summary>A payout of more than this is held until an administrator releases it, EUR; 0: none is.</summary>
    [Range(0, 1_000_000)]
    public decimal ReviewAmount { get; init; } = 250;

    /// <summary>
    /// Whether a payout is held that goes elsewhere than every completed one of its user: what a thief does with an account. A
    /// first payout changes nothing.
    /// </summary>
    public bool ReviewNewDestinations { get; init; } = true;

    /// <summary>For how many days after a payout has ended it is kept where it went.</summary>
    [Range(1, 3650)]
    public int DestinationDays { get; init; } = 30;

    /// <summary>Who pays, as the bank knows the account's holder; without it, payouts are not exported for the bank.</summary>
    [MaxLength(70)]
    public string PayerName { get; init; } = "";

    /// <summary>The IBAN of the account that payouts are paid from; together with the name.</summary>
    public string PayerIban { get; init; } = "";

    /// <summary>The BIC of that account's bank, if it asks for it.</summary>
    [RegularExpression("|[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?", ErrorMessage = "a BIC, or nothing")]
    public string PayerBic { get; init; } = "";

    /// <summary>Whether it is known who pays, so that payouts can be exported for the bank.</summary>
    public bool HasPayer => PayerIban.Length > 0;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (HasPayer && !PayoutDestination.IsIban(PayerIban))
        {
            yield return new ValidationResult("an IBAN, or nothing", [nameof(PayerIban)]);
        }

        if (HasPayer != !string.IsNullOrWhiteSpace(PayerName))
        {
            yield return new ValidationResult(
                "given together with Payouts:PayerIban, or not at all",
                [nameof(PayerName)]
            );
        }
    }
}
