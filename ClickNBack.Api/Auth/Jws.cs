using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ClickNBack.Api.Auth;

/// <summary>
/// JSON Web Signature, compact form, HS256 and nothing else (RFC 7515). Strict on purpose: the header decides nothing but
/// whether the token is refused. See docs/adr/0002.
/// </summary>
public static class Jws
{
    /// <summary>The longest token that is looked at, in characters.</summary>
    public const int MaxLength = 4096;

    private static readonly string Header = Base64Url.EncodeToString("""{"alg":"HS256","typ":"JWT"}"""u8);

    /// <summary>Signs a payload.</summary>
    public static string Sign(ReadOnlySpan<byte> payload, byte[] key)
    {
        var signed = $"{Header}.{Base64Url.EncodeToString(payload)}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>The payload of a token that one of the keys has signed, or null. Compares in constant time.</summary>
    public static byte[]? Verify(string? token, params ReadOnlySpan<byte[]> keys)
    {
        if (token is null or { Length: > MaxLength } || !Ascii.IsValid(token))
        {
            return null;
        }

        var parts = token.Split('.');
        if (
            parts.Length != 3
            || Decode(parts[0]) is not { } header
            || Decode(parts[1]) is not { } payload
            || Decode(parts[2]) is not { } signature
            || !IsHs256(header)
        )
        {
            return null;
        }

        var signed = Encoding.ASCII.GetBytes(token, 0, token.LastIndexOf('.'));
        var valid = false;
        foreach (var key in keys)
        {
            valid |= CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(key, signed), signature);
        }

        return valid ? payload : null;
    }

    private static byte[]? Decode(string part)
    {
        // Canonical base64url only, without padding or white space: one token has one spelling.
        try
        {
            var bytes = Base64Url.DecodeFromChars(part);
            return Base64Url.EncodeToString(bytes) == part ? bytes : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static bool IsHs256(byte[] header)
    {
        try
        {
            using var json = JsonDocument.Parse(header);
            var root = json.RootElement;
            return root.ValueKind == JsonValueKind.Object
                && root.TryGetProperty("alg", out var algorithm)
                && algorithm.ValueKind == JsonValueKind.String
                && algorithm.ValueEquals("HS256"u8)
                && !root.TryGetProperty("crit", out _);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
