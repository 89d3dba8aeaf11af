using System.Text.Json;
using ClickNBack.Api.Http;

namespace ClickNBack.Api.Payouts;

/// <summary>Where a payout goes.</summary>
public static class PayoutDestination
{
    private const int MaxNameLength = 140; // of a party in a SEPA transfer

    /// <summary>Reads the details that the method needs; answers the JSON that is kept.</summary>
    public static string Read(PayoutMethod method, Fields details) =>
        method switch
        {
            PayoutMethod.BankTransfer => ReadBankAccount(details),
            PayoutMethod.Card => ReadCard(details),
        };

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

    /// <summary>Whether the text is a plausible card number: 12 to 19 digits with the right check digit, blanks tolerated.</summary>
    public static bool IsCardNumber(string text)
    {
        var digits = Compact(text);
        if (digits.Length is < 12 or > 19 || !digits.All(char.IsAsciiDigit))
        {
            return false;
        }

        var sum = 0;
        for (var place = 0; place < digits.Length; place++)
        {
            var digit = digits[^(place + 1)] - '0';
            var weighted = place % 2 == 0 ? digit : digit * 2;
            sum += weighted > 9 ? weighted - 9 : weighted;
        }

        return sum % 10 == 0;
    }

    private static string ReadBankAccount(Fields details)
    {
        var iban = details.Text("iban", 1, 50);
        var holder = details.Text("account_holder", 1, MaxNameLength);
        if (iban.Length > 0 && !IsIban(iban))
        {
            details.Wrong("iban", "must be an IBAN");
        }

        return JsonSerializer.Serialize(new { iban = Compact(iban), account_holder = holder });
    }

    // Of a card number only the last four digits are kept: the rest is none of our business.
    private static string ReadCard(Fields details)
    {
        var number = details.Text("card_number", 1, 50);
        var holder = details.Text("card_holder", 1, MaxNameLength);
        if (number.Length > 0 && !IsCardNumber(number))
        {
            details.Wrong("card_number", "must be a card number");
        }

        var compact = Compact(number);
        return JsonSerializer.Serialize(
            new { card_last_four = compact.Length < 4 ? "" : compact[^4..], card_holder = holder }
        );
    }

    private static string Compact(string text) => text.Replace(" ", "", StringComparison.Ordinal);
}
