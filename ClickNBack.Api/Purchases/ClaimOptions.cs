using System.ComponentModel.DataAnnotations;

namespace ClickNBack.Api.Purchases;

/// <summary>A limit of what one user claims on one day.</summary>
internal enum ClaimLimit
{
    /// <summary>Of how many purchases.</summary>
    TooManyClaims,

    /// <summary>Of how much.</summary>
    TooMuchClaimed,
}

/// <summary>Settings of section <c>Claims</c>: limits against fraud, on unless switched off.</summary>
internal sealed record ClaimOptions
{
    /// <summary>How many purchases a user may claim on a day (UTC); 0: any number.</summary>
    [Range(0, 1_000_000)]
    public int MaxPerDay { get; init; } = 20;

    /// <summary>What the purchases that a user claims on a day (UTC) may amount to, EUR; 0: anything.</summary>
    [Range(0, 1_000_000_000)]
    public decimal MaxAmountPerDay { get; init; } = 5000;

    /// <summary>Whether anything is limited; otherwise nothing is counted.</summary>
    public bool AreOn => MaxPerDay > 0 || MaxAmountPerDay > 0;

    /// <summary>The limit that a claim of this amount would exceed, if any, after what was claimed that day.</summary>
    public ClaimLimit? ExceededBy(decimal amount, (int Claims, decimal Amount) today)
    {
        if (MaxPerDay > 0 && today.Claims >= MaxPerDay)
        {
            return ClaimLimit.TooManyClaims;
        }

        return MaxAmountPerDay > 0 && today.Amount + amount > MaxAmountPerDay ? ClaimLimit.TooMuchClaimed : null;
    }
}
