using System.ComponentModel.DataAnnotations;

namespace ClickNBack.Api.Purchases;

/// <summary>Who decides whether a purchase happened.</summary>
internal enum VerificationMode
{
    /// <summary>The merchants: what they report is matched with what users claim.</summary>
    Reports,

    /// <summary>Administrators, one by one.</summary>
    Manual,

    /// <summary>Nobody: every purchase is confirmed, except at the rejection merchant. For development and demos.</summary>
    Simulated,
}

/// <summary>Settings of section <c>Verification</c>.</summary>
internal sealed record VerificationOptions : IValidatableObject
{
    /// <summary>
    /// Who decides whether a purchase happened: <c>reports</c>, the merchants; <c>manual</c>, administrators; <c>simulated</c>,
    /// nobody, so that whoever claims a purchase is paid for it.
    /// </summary>
    public VerificationMode Mode { get; init; } = VerificationMode.Reports;

    /// <summary>Whether the mode may be <c>simulated</c>; for development and demos, never where real money is paid out.</summary>
    public bool AllowSimulation { get; init; }

    /// <summary>
    /// The pause between two attempts to verify a purchase, and the longest between two looks for due purchases, in seconds.
    /// </summary>
    [Range(1, 86_400)]
    public int IntervalSeconds { get; init; } = 60;

    /// <summary>After how many failed attempts a purchase is rejected where verification is simulated.</summary>
    [Range(1, 100)]
    public int MaxAttempts { get; init; } = 3;

    /// <summary>After how many days a purchase is rejected that its merchant did not report.</summary>
    [Range(1, 365)]
    public int ReportWindowDays { get; init; } = 45;

    /// <summary>The merchant at which the simulated verification fails; none if not given.</summary>
    public Guid? RejectionMerchantId { get; init; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Mode == VerificationMode.Simulated && !AllowSimulation)
        {
            yield return new ValidationResult(
                "true, since Verification:Mode is simulated and pays for purchases that nobody has verified",
                [nameof(AllowSimulation)]
            );
        }
    }
}
