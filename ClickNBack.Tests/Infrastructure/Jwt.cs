using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace ClickNBack.Tests.Infrastructure;

/// <summary>Makes tokens that the product would not: any header and any claims, signed with HS256.</summary>
internal static class Jwt
{
    public const string Header = """{"alg":"HS256","typ":"JWT"}""";

    public static string Sign(string claims, string key, string header = Header)
    {
        var signed = $"{Part(header)}.{Part(claims)}";
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.ASCII.GetBytes(signed));
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    public static string Part(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
