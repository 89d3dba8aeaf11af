using System.Collections.Frozen;
using System.Text.Json;

namespace ClickNBack.Api.Http;

/// <summary>Identifiers as clients spell them: UUIDs with hyphens, any case.</summary>
public static class Ids
{
    /// <summary>Whether the text is a UUID.</summary>
    public static bool TryParse(string? text, out Guid id) => Guid.TryParseExact(text, "D", out id);
}

/// <summary>The contract's spelling of an enumeration's values, worked out once: every row that is read asks for some.</summary>
internal static class Spellings<T>
    where T : struct, Enum
{
    public static readonly FrozenDictionary<T, string> Names = Enum.GetValues<T>()
        .ToFrozenDictionary(value => value, value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));

    public static readonly FrozenDictionary<string, T> Values = Names.ToFrozenDictionary(
        pair => pair.Value,
        pair => pair.Key,
        StringComparer.Ordinal
    );

    public static readonly string[] InOrder = [.. Enum.GetValues<T>().Select(value => Names[value])];
}

/// <summary>Enumerations as clients spell them.</summary>
public static class Choices
{
    /// <summary>The value with the contract's spelling, case-sensitive.</summary>
    public static bool TryParse<T>(string text, out T choice)
        where T : struct, Enum => Spellings<T>.Values.TryGetValue(text, out choice);

    /// <summary>All spellings.</summary>
    public static IReadOnlyList<string> All<T>()
        where T : struct, Enum => Spellings<T>.InOrder;

    /// <summary>All spellings, for messages.</summary>
    public static string Names<T>()
        where T : struct, Enum => string.Join(", ", All<T>());
}
