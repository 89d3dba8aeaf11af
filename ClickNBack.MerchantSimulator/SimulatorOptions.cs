using System.ComponentModel.DataAnnotations;

namespace ClickNBack.MerchantSimulator;

/// <summary>Settings of section <c>Simulator</c>.</summary>
internal sealed record SimulatorOptions : IValidatableObject
{
    /// <summary>Where the API is.</summary>
    [Required]
    public string Platform { get; init; } = "";

    /// <summary>What chance begins with: with another one, merchants say something else of the same orders.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>How many orders users claim in a minute.</summary>
    [Range(0, 6000)]
    public int PurchasesPerMinute { get; init; } = 20;

    /// <summary>The shortest time from an order to its report, in seconds.</summary>
    [Range(0, 86_400)]
    public int ShortestDelaySeconds { get; init; } = 2;

    /// <summary>The longest time from an order to its report, and from there to its return, in seconds.</summary>
    [Range(0, 86_400)]
    public int LongestDelaySeconds { get; init; } = 60;

    /// <summary>Of a hundred orders, how many the merchant declines.</summary>
    [Range(0, 100)]
    public int DeclinedPercent { get; init; } = 8;

    /// <summary>Of a hundred orders, how many are approved with another amount than was claimed.</summary>
    [Range(0, 100)]
    public int AmendedPercent { get; init; } = 5;

    /// <summary>Of a hundred orders, how many are approved, and returned later.</summary>
    [Range(0, 100)]
    public int ReturnedPercent { get; init; } = 10;

    /// <summary>Of a hundred returns, how many are reported before the approval of the same order.</summary>
    [Range(0, 100)]
    public int ReorderedPercent { get; init; } = 25;

    /// <summary>Of a hundred messages, how many are sent twice.</summary>
    [Range(0, 100)]
    public int RepeatedPercent { get; init; } = 10;

    /// <summary>Of a hundred orders, after how many the merchant reports one that nobody claims.</summary>
    [Range(0, 100)]
    public int UnclaimedPercent { get; init; } = 10;

    /// <summary>Of a hundred orders, how many a second user claims, too.</summary>
    [Range(0, 100)]
    public int ClaimedTwicePercent { get; init; } = 3;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!Uri.TryCreate(Platform, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            yield return new ValidationResult("an absolute http or https URL", [nameof(Platform)]);
        }

        if (LongestDelaySeconds < ShortestDelaySeconds)
        {
            yield return new ValidationResult("at most Simulator:LongestDelaySeconds", [nameof(ShortestDelaySeconds)]);
        }

        if (DeclinedPercent + AmendedPercent + ReturnedPercent > 100)
        {
            yield return new ValidationResult(
                "at most 100 together with Simulator:DeclinedPercent and Simulator:AmendedPercent",
                [nameof(ReturnedPercent)]
            );
        }
    }
}
