using System.Text.RegularExpressions;

namespace ClickNBack.Api.Console;

/// <summary>How the console says what the code names.</summary>
internal static partial class Words
{
    /// <summary>An enumeration's value as people write it: <c>AmountDiffers</c> is "Amount differs".</summary>
    public static string Of(Enum value) => Sentence(InnerCapital().Replace(value.ToString(), " $0"));

    /// <summary>A name of the contract as people write it: <c>PURCHASE_CONFIRMED</c> is "Purchase confirmed".</summary>
    public static string Of(string name) => Sentence(name.Replace('_', ' '));

    private static string Sentence(string words) =>
        words.Length == 0 ? words : char.ToUpperInvariant(words[0]) + words[1..].ToLowerInvariant();

    [GeneratedRegex("(?<!^)[A-Z]", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex InnerCapital();
}
