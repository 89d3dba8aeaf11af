using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ClickNBack.Tests.Contract;

/// <summary>
/// Compares JSON with a template of it: the same fields, no more and no fewer, and where the template has a text, that type of
/// value (see <see cref="Is"/>) or one of the texts that it separates by bars; with a question mark at its end, null as well.
/// A list's items are all like the template's only one, and there is at least one.
/// </summary>
internal static partial class JsonShape
{
    // The most special ones first.
    private static readonly string[] TextTypes = ["uuid", "money", "date", "second", "microsecond", "text"];

    /// <summary>What differs, each with its path.</summary>
    public static IEnumerable<string> Differences(JsonElement template, JsonElement actual, string path = "$") =>
        template.ValueKind switch
        {
            JsonValueKind.Object when actual.ValueKind == JsonValueKind.Object => OfObjects(template, actual, path),
            JsonValueKind.Array when actual.ValueKind == JsonValueKind.Array => OfLists(template[0], actual, path),
            JsonValueKind.String when Matches(template.GetString()!, actual) => [],
            _ when JsonElement.DeepEquals(template, actual) => [],
            _ => [$"{path} is {actual}, not {template}"],
        };

    /// <summary>Everything's name and type, as text; what a list's items have in common is said once.</summary>
    public static string Of(JsonElement json) =>
        json.ValueKind switch
        {
            JsonValueKind.Object =>
                $"{{{string.Join(", ", json.EnumerateObject().Select(it => $"{it.Name}: {Of(it.Value)}").Order(StringComparer.Ordinal))}}}",
            JsonValueKind.Array => $"[{string.Join(" or ", json.EnumerateArray().Select(Of).Distinct())}]",
            JsonValueKind.String => TextTypes.First(it => Is(it, json) == true),
            JsonValueKind.True or JsonValueKind.False => "boolean",
            var kind => kind.ToString(),
        };

    private static IEnumerable<string> OfObjects(JsonElement template, JsonElement actual, string path)
    {
        var (wanted, given) = (NamesOf(template), NamesOf(actual));
        return
        [
            .. wanted.Except(given).Select(it => $"{path}.{it} is missing"),
            .. given.Except(wanted).Select(it => $"{path}.{it} is not in the contract"),
            .. wanted
                .Intersect(given)
                .SelectMany(it => Differences(template.GetProperty(it), actual.GetProperty(it), $"{path}.{it}")),
        ];
    }

    private static IEnumerable<string> OfLists(JsonElement template, JsonElement actual, string path) =>
        actual.GetArrayLength() == 0
            ? [$"{path} is empty"]
            : actual.EnumerateArray().SelectMany((it, index) => Differences(template, it, $"{path}[{index}]"));

    private static List<string> NamesOf(JsonElement element) => [.. element.EnumerateObject().Select(it => it.Name)];

    private static bool Matches(string type, JsonElement value) =>
        type.EndsWith('?')
            ? value.ValueKind == JsonValueKind.Null || Matches(type[..^1], value)
            : Is(type, value)
                ?? (value.ValueKind == JsonValueKind.String && type.Split('|').Contains(value.GetString()));

    // Null for what is no name of a type.
    private static bool? Is(string type, JsonElement value)
    {
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : null;
        return type switch
        {
            "text" => text is { Length: > 0 },
            "uuid" => text is not null && Uuid().IsMatch(text),
            "money" => text is not null && Money().IsMatch(text),
            "date" => IsInstant(text, "yyyy-MM-dd"),
            "second" => IsInstant(text, "yyyy-MM-dd'T'HH:mm:ss'Z'"),
            "microsecond" => IsInstant(text, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'"),
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "number" => value.ValueKind == JsonValueKind.Number,
            "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
            "object" => value.ValueKind == JsonValueKind.Object,
            _ => null,
        };
    }

    private static bool IsInstant(string? text, string format) =>
        DateTime.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    [GeneratedRegex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Uuid();

    [GeneratedRegex("^[0-9]+[.][0-9]{2}\\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Money();
}
