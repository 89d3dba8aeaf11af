using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

namespace ClickNBack.Api.Http;

/// <content>What a value means, and what is wrong with it.</content>
public sealed partial class Fields
{
    private string TextOf(string name, JsonElement value, int min, int max)
    {
        if (!TryGetText(value, out var text))
        {
            Wrong(name, "must be text");
        }
        else if (text.Contains('\0', StringComparison.Ordinal))
        {
            Wrong(name, "must not contain NUL characters");
        }
        else if (text.Length < min || text.Length > max)
        {
            Wrong(name, min == max ? $"must have exactly {min} characters" : $"must have {min} to {max} characters");
        }

        return text ?? "";
    }

    private Guid? IdOf(string name, JsonElement value)
    {
        if (TryGetText(value, out var text) && Ids.TryParse(text, out var id))
        {
            return id;
        }

        Wrong(name, "must be a UUID");
        return null;
    }

    private bool FlagOf(string name, JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        if (_query is not null && bool.TryParse(Raw(value), out var flag))
        {
            return flag;
        }

        Wrong(name, "must be true or false");
        return false;
    }

    private decimal NumberOf(string name, JsonElement value)
    {
        if (
            value.ValueKind is JsonValueKind.Number or JsonValueKind.String
            && Raw(value) is { Length: <= LongestNumber } text
            && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        )
        {
            return number;
        }

        Wrong(name, "must be a finite number");
        return 0;
    }

    private DateOnly? DateOf(string name, JsonElement value)
    {
        if (TryGetText(value, out var text))
        {
            if (
                DateOnly.TryParseExact(
                    text,
                    "yyyy-MM-dd",
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.None,
                    out var date
                )
            )
            {
                return date;
            }

            if (
                text.Contains('T', StringComparison.Ordinal)
                && DateTimeOffset.TryParse(
                    text,
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal,
                    out var instant
                )
                && instant.TimeOfDay == TimeSpan.Zero
            )
            {
                return DateOnly.FromDateTime(instant.Date);
            }
        }

        Wrong(name, "must be a date as YYYY-MM-DD");
        return null;
    }

    private T ChoiceOf<T>(string name, JsonElement value, IReadOnlyList<string> among)
        where T : struct, Enum
    {
        if (
            TryGetText(value, out var text)
            && among.Contains(text, StringComparer.Ordinal)
            && Choices.TryParse<T>(text, out var choice)
        )
        {
            return choice;
        }

        Wrong(name, $"must be one of {string.Join(", ", among)}");
        return default;
    }

    private static bool TryGetText(JsonElement value, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (value.ValueKind != JsonValueKind.String)
        {
            return false;
        }

        try
        {
            text = value.GetString();
            return text is not null;
        }
        catch (InvalidOperationException) // a lone surrogate: no text at all
        {
            return false;
        }
    }

    private static string Raw(JsonElement value) => TryGetText(value, out var text) ? text : value.GetRawText();
}
