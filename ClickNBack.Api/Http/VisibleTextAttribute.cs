using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text;

namespace ClickNBack.Api.Http;

/// <summary>Text that people tell apart by looking at it: nothing in it is invisible or changes its direction.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class VisibleTextAttribute()
    : ValidationAttribute("must have no invisible characters and none that change its direction")
{
    public override bool IsValid(object? value) => value is string text && IsVisible(text);

    public static bool IsVisible(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (!IsVisible(rune))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsVisible(Rune rune) =>
        Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.Control or UnicodeCategory.Format => false,
            UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => false,
            UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned => false,
            UnicodeCategory.SpaceSeparator => rune.Value == ' ',
            _ => !IsBlank(rune.Value),
        };

    // What is ignored when text is shown though its category is one of letters or marks (Unicode's
    // Default_Ignorable_Code_Point), and the Braille pattern without dots.
    private static bool IsBlank(int codePoint) =>
        codePoint
            is 0x034F
                or 0x115F
                or 0x1160
                or 0x17B4
                or 0x17B5
                or >= 0x180B
                and <= 0x180F
                or 0x2800
                or 0x3164
                or >= 0xFE00
                and <= 0xFE0F
                or 0xFFA0
                or >= 0xE0100
                and <= 0xE01EF;
}
