namespace ClickNBack.Api.Http;

/// <summary>Identifiers as clients write them: UUIDs with hyphens, any case.</summary>
internal static class Ids
{
    /// <summary>Whether the text is a UUID.</summary>
    public static bool TryParse(string? text, out Guid id) => Guid.TryParseExact(text, "D", out id);
}
