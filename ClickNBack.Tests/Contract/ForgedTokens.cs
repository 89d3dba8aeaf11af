using System.Buffers.Text;
using System.Text;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Contract;

/// <summary>What somebody makes who has seen an administrator's access token and does not know the key.</summary>
internal static class ForgedTokens
{
    /// <summary>Each with a name that says what is wrong with it.</summary>
    public static IEnumerable<(string Name, string Token)> Of(Person admin)
    {
        var parts = admin.Api.AccessToken!.Split('.');
        var (header, claims, signature) = (parts[0], parts[1], parts[2]);
        foreach (var algorithm in (string[])["none", "None", "NONE", "RS256", "HS512"])
        {
            var forged = Jwt.Part($$"""{"alg":"{{algorithm}}","typ":"JWT"}""");
            yield return ($"alg {algorithm}, unsigned", $"{forged}.{claims}.");
            yield return ($"alg {algorithm}, signature of another header", $"{forged}.{claims}.{signature}");
        }

        var noText = Jwt.Part("""{"alg":"\ud800"}""");
        yield return ("alg that is no text", $"{noText}.{claims}.{signature}");

        var json = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(claims));
        yield return ("signed with another key", Jwt.Sign(json, "another key, as long as the right one is"));
        yield return ("signed with nothing", $"{header}.{claims}.");
        yield return ("without its signature", $"{header}.{claims}");
        yield return ("half of its signature", $"{header}.{claims}.{signature[..(signature.Length / 2)]}");
        yield return ("a part too many", $"{header}.{claims}.{signature}.{signature}");
        yield return ("claims of somebody else", $"{header}.{Jwt.Part("""{"user_id":"x"}""")}.{signature}");
        yield return ("claims that are no JSON", $"{header}.{Jwt.Part("{")}.{signature}");
        yield return ("no Base64", $"{header}.*.{signature}");
        yield return ("dots", "..");
        yield return ("a word", "token");
        yield return ("8 kB", new string('a', 8 * 1024));
    }
}
