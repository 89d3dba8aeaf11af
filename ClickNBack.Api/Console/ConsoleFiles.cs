using System.Collections.Frozen;
using System.Security.Cryptography;
using ClickNBack.Api.Http;
using Microsoft.AspNetCore.StaticFiles;

namespace ClickNBack.Api.Console;

/// <summary>
/// The console's own style sheet, script and icon. An address names the content, so that browsers may keep it for ever and both
/// colours serve what their own pages ask for.
/// </summary>
internal static class ConsoleFiles
{
    private const string Folder = $"{ConsoleApp.Root}/assets";

    private sealed record Asset(string Name, byte[] Content, string ContentType)
    {
        public string Path { get; } = $"{Folder}/{Convert.ToHexStringLower(SHA256.HashData(Content))[..12]}/{Name}";
    }

    private static readonly FrozenDictionary<string, Asset> ByName = (
        (string[])["console.css", "console.js", "icon.svg"]
    )
        .Select(Read)
        .ToFrozenDictionary(it => it.Name);

    private static readonly FrozenDictionary<string, Asset> ByPath = ByName.Values.ToFrozenDictionary(it => it.Path);

    /// <summary>The address of one.</summary>
    public static string PathOf(string name) => ByName[name].Path;

    /// <summary>Whether a request asks for one that there is.</summary>
    public static bool IsOne(HttpContext http) => ByPath.ContainsKey(http.Request.Path.Value!);

    public static void MapFiles(this IEndpointRouteBuilder console) =>
        console
            .MapGet(
                "/assets/{version}/{name}",
                IResult (HttpContext http) =>
                {
                    if (!ByPath.TryGetValue(http.Request.Path.Value!, out var asset))
                    {
                        return HttpErrors.UnknownRoute.With($"There is nothing at {http.Request.Path}.");
                    }

                    http.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
                    return TypedResults.Bytes(asset.Content, asset.ContentType);
                }
            )
            .AllowAnonymous();

    private static Asset Read(string name)
    {
        using var stream = typeof(ConsoleFiles).Assembly.GetManifestResourceStream(name)!;
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return new(name, content.ToArray(), new FileExtensionContentTypeProvider().Mappings[Path.GetExtension(name)]);
    }
}
