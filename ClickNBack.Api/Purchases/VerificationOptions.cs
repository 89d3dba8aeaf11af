using System.ComponentModel.DataAnnotations;

namespace ClickNBack.Api.Purchases;

/// <summary>Settings of section <c>Verification</c>.</summary>
internal sealed record VerificationOptions
{
    /// <summary>
    /// The pause between two attempts to verify a purchase, and the longest between two looks for due purchases, in seconds.
    /// </summary>
    [Range(1, 86_400)]
    public int IntervalSeconds { get; init; } = 60;

    /// <summary>After how many failed attempts a purchase is rejected.</summary>
    [Range(1, 100)]
    public int MaxAttempts { get; init; } = 3;

    /// <summary>The merchant at which the simulated verification fails; none if not given.</summary>
    public Guid? RejectionMerchantId { get; init; }
}
