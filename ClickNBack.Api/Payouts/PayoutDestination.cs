using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using ClickNBack.Api.Http;

namespace ClickNBack.Api.Payouts;

/// <summary>Where a payout goes: what has to be known depends on the method.</summary>
[JsonDerivedType(typeof(BankTransfer))]
[JsonDerivedType(typeof(Card))]
internal abstract record PayoutDestination
{
    private const int MaxNameLength = 140; // of a party in a SEPA transfer

    /// <summary>What is kept.</summary>
    public abstract string ToJson();

    /// <summary>What makes it the same destination, however its holder is written.</summary>
    public abstract string Identity { get; }

    public sealed record BankTransfer : PayoutDestination
    {
        [StringLength(50, MinimumLength = 1), Iban]
        public required string Iban { get; init; }

        [StringLength(MaxNameLength, MinimumLength = 1), VisibleText]
        public required string AccountHolder { get; init; }

        public override string ToJson() =>
            JsonSerializer.Serialize(new { iban = Compact(Iban), account_holder = AccountHolder });

        public override string Identity => Compact(Iban).ToUpperInvariant();
    }

    public sealed record Card : PayoutDestination
    {
        // What the payment processor calls the card: only it knows the number, which is none of our business.
        [StringLength(255, MinimumLength = 1), CardToken]
        public required string CardToken { get; init; }

        [StringLength(MaxNameLength, MinimumLength = 1), VisibleText]
        public required string CardHolder { get; init; }

        public override string ToJson() =>
            JsonSerializer.Serialize(new { card_token = CardToken, card_holder = CardHolder });

        public override string Identity => CardToken;
    }

    /// <summary>Whether the text is a plausible IBAN: form, length and check digits (ISO 13616), blanks tolerated.</summary>
    public static bool IsIban(string text)
    {
        var iban = Compact(text);
        if (
            iban.Length is < 15 or > 34
            || !iban.All(char.IsAsciiLetterOrDigit)
            || !iban[..2].All(char.IsAsciiLetterUpper)
            || !iban[2..4].All(char.IsAsciiDigit)
        )
        {
            return false;
        }

        var remainder = 0;
        foreach (var character in iban[4..] + iban[..4])
        {
            var value = char.IsAsciiDigit(character) ? character - '0' : char.ToUpperInvariant(character) - 'A' + 10;
            remainder = ((remainder * (value > 9 ? 100 : 10)) + value) % 97;
        }

        return remainder == 1;
    }

    /// <summary>Whether the text may be a token: visible ASCII, and more than digits, which could be the card's number.</summary>
    public static bool IsCardToken(string text) =>
        text.All(it => it is > ' ' and <= '~') && text.Any(char.IsAsciiLetter);

    /// <summary>An IBAN without its blanks.</summary>
    public static string Compact(string text) => text.Replace(" ", "", StringComparison.Ordinal);
}

/// <summary>Text that is a plausible IBAN.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class IbanAttribute() : ValidationAttribute("must be an IBAN")
{
    public override bool IsValid(object? value) => value is string text && PayoutDestination.IsIban(text);
}

/// <summary>Text that may be a payment processor's token for a card, and is not the card's number.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class CardTokenAttribute()
    : ValidationAttribute("must be the payment processor's token for the card, not its number")
{
    public override bool IsValid(object? value) => value is string text && PayoutDestination.IsCardToken(text);
}
