using System.Collections.Frozen;
using System.Text.Json;

namespace ClickNBack.Api.Http;

/// <summary>The contract's names of an enumeration's values, worked out once: every row that is read asks for some.</summary>
internal static class EnumNames<T>
    where T : struct, Enum
{
    public static readonly FrozenDictionary<T, string> Names = Enum.GetValues<T>()
        .ToFrozenDictionary(value => value, value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));

    public static readonly FrozenDictionary<string, T> Values = Names.ToFrozenDictionary(
        pair => pair.Value,
        pair => pair.Key,
        StringComparer.Ordinal
    );
}

/// <summary>Values of enumerations by the contract's names.</summary>
internal static class Choices
{
    /// <summary>The value of that name, case-sensitive.</summary>
    public static bool TryParse<T>(string text, out T choice)
        where T : struct, Enum => EnumNames<T>.Values.TryGetValue(text, out choice);
}
