using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Contract;

/// <summary>What somebody makes who has seen an administrator's access token and does not know the key.</summary>
internal static class ForgedTokens
{
    private static readonly byte[] s_otherKey = Encoding.UTF8.GetBytes("another key, as long as the right one is");

    /// <summary>Each with a name that says what is wrong with it.</summary>
    public static IEnumerable<(string Name, string Token)> Of(Person admin)
    {
        var parts = admin.Api.AccessToken!.Split('.');
        var (header, claims, signature) = (parts[0], parts[1], parts[2]);
        foreach (var algorithm in (string[])["none", "None", "NONE", "RS256", "HS512"])
        {
            var forged = Part($$"""{"alg":"{{algorithm}}","typ":"JWT"}""");
            yield return ($"alg {algorithm}, unsigned", $"{forged}.{claims}.");
            yield return ($"alg {algorithm}, signature of another header", $"{forged}.{claims}.{signature}");
        }

        var elsewhere = Base64Url.EncodeToString(
            HMACSHA256.HashData(s_otherKey, Encoding.ASCII.GetBytes($"{header}.{claims}"))
        );
        yield return ("signed with another key", $"{header}.{claims}.{elsewhere}");
        yield return ("signed with nothing", $"{header}.{claims}.");
        yield return ("without its signature", $"{header}.{claims}");
        yield return ("half of its signature", $"{header}.{claims}.{signature[..(signature.Length / 2)]}");
        yield return ("a part too many", $"{header}.{claims}.{signature}.{signature}");
        yield return ("claims of somebody else", $"{header}.{Part("""{"user_id":"x"}""")}.{signature}");
        yield return ("claims that are no JSON", $"{header}.{Part("{")}.{signature}");
        yield return ("no Base64", $"{header}.*.{signature}");
        yield return ("dots", "..");
        yield return ("a word", "token");
        yield return ("8 kB", new string('a', 8 * 1024));
    }

    private static string Part(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
