using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace ClickNBack.Api.Payouts;

/// <summary>
/// Text as every bank of the euro area takes it: Latin letters, digits and a few signs. Other letters are written as the European
/// Payments Council advises, Greek and Bulgarian ones included; what has no counterpart becomes a full stop.
/// </summary>
internal static class SepaText
{
    private const string Signs = "/-?:().,'+ ";

    // Each group begins with what its letters become. (The programs run without Unicode's tables, which would know.)
    private const string Accented =
        "AÀÁÂÃÄÅĀĂĄǍǞǠǺȀȂȦẠẢẤẦẨẪẬẮẰẲẴẶ BḂḄḆ CÇĆĈĊČḈ DĎḊḌḎḐḒ EÈÉÊËĒĔĖĘĚȄȆȨḔḖḘḚḜẸẺẼẾỀỂỄỆ FḞ GĜĞĠĢǦǴḠ "
        + "HĤȞḢḤḦḨḪ IÌÍÎÏĨĪĬĮİǏȈȊḬḮỈỊ JĴ KĶǨḰḲḴ LĹĻĽḶḸḺḼ MḾṀṂ NÑŃŅŇǸṄṆṈṊ "
        + "OÒÓÔÕÖŌŎŐƠǑǪǬȌȎȪȬȮȰṌṎṐṒỌỎỐỒỔỖỘỚỜỞỠỢ PṔṖ RŔŖŘȐȒṘṚṜṞ SŚŜŞŠȘṠṢṤṦṨ TŢŤȚṪṬṮṰ "
        + "UÙÚÛÜŨŪŬŮŰŲƯǓǕǗǙǛȔȖṲṴṶṸṺỤỦỨỪỬỮỰ VṼṾ WŴẀẂẄẆẈ XẊẌ YÝŶŸȲẎỲỴỶỸ ZŹŻŽẐẒẔ aàáâãäåāăąǎǟǡǻȁȃȧạảấầẩẫậắằẳẵặ "
        + "bḃḅḇ cçćĉċčḉ dďḋḍḏḑḓ eèéêëēĕėęěȅȇȩḕḗḙḛḝẹẻẽếềểễệ fḟ gĝğġģǧǵḡ hĥȟḣḥḧḩḫẖ iìíîïĩīĭįǐȉȋḭḯỉị jĵǰ "
        + "kķǩḱḳḵ lĺļľḷḹḻḽ mḿṁṃ nñńņňǹṅṇṉṋ oòóôõöōŏőơǒǫǭȍȏȫȭȯȱṍṏṑṓọỏốồổỗộớờởỡợ pṕṗ rŕŗřȑȓṙṛṝṟ sśŝşšſșṡṣṥṧṩẛ "
        + "tţťțṫṭṯṱẗ uùúûüũūŭůűųưǔǖǘǚǜȕȗṳṵṷṹṻụủứừửữự vṽṿ wŵẁẃẅẇẉẘ xẋẍ yýÿŷȳẏẙỳỵỷỹ zźżžẑẓẕ ·· ΑΆ ΕΈ ΗΉ ΙΊΪ "
        + "ΟΌ ΥΎΫ ΩΏ αά εέ ηή ιΐίϊ οό υΰϋύ ωώ";

    private static readonly FrozenDictionary<char, string> Transcriptions = Pairs(
            "Ææ Øø Łł Đđ Ðð Þþ ß Œœ ıĸŋŊ Ħħ Ŧŧ ẞ",
            "AE ae O o L l D d D d T t ss OE oe i k n N H h T t SS"
        )
        .Concat(
            Pairs(
                "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ αβγδεζηθικλμνξοπρστυφχψως",
                "A V G D E Z I TH I K L M N X O P R S T Y F CH PS O a v g d e z i th i k l m n x o p r s t y f ch ps o s"
            )
        )
        .Concat(
            Pairs(
                "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЬЮЯ абвгдежзийклмнопрстуфхцчшщъьюя",
                "A B V G D E ZH Z I Y K L M N O P R S T U F H TS CH SH SHT A Y YU YA"
                    + " a b v g d e zh z i y k l m n o p r s t u f h ts ch sh sht a y yu ya"
            )
        )
        .Concat(Pairs("&_@€\"`´’‘“”–—;", "+ - (at) E ' ' ' ' ' ' ' - - ,"))
        .ToFrozenDictionary(it => it.Letter, it => it.Transcription);

    private static readonly FrozenDictionary<char, char> Plain = Accented
        .Split(' ')
        .SelectMany(group => group[1..], (group, letter) => (letter, group[0]))
        .ToFrozenDictionary(it => it.letter, it => it.Item2);

    /// <summary>The text in the set, cut at a length; never empty.</summary>
    public static string Of(string text, int maxLength)
    {
        var result = new StringBuilder();
        foreach (var letter in text)
        {
            Append(result, letter);
        }

        var written = result.ToString().Trim();
        return written.Length switch
        {
            0 => ".",
            _ when written.Length > maxLength => written[..maxLength].TrimEnd(),
            _ => written,
        };
    }

    private static void Append(StringBuilder result, char letter)
    {
        if (char.IsAsciiLetterOrDigit(letter) || Signs.Contains(letter, StringComparison.Ordinal))
        {
            result.Append(letter);
        }
        else if (Transcriptions.TryGetValue(letter, out var transcription))
        {
            result.Append(transcription);
        }
        else if (Plain.TryGetValue(letter, out var plain))
        {
            Append(result, plain);
        }
        else if (CharUnicodeInfo.GetUnicodeCategory(letter) != UnicodeCategory.NonSpacingMark)
        {
            result.Append('.');
        }
    }

    private static IEnumerable<(char Letter, string Transcription)> Pairs(string letters, string transcriptions) =>
        letters
            .Where(it => it != ' ')
            .Zip(transcriptions.Split(' '), (letter, transcription) => (letter, transcription));
}
