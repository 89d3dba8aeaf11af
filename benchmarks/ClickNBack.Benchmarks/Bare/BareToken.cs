using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ClickNBack.Benchmarks.Bare;

/// <summary>Reads the API's access tokens: JWS, compact form, HS256.</summary>
internal sealed class BareToken(string signingKey, TimeProvider time)
{
    private const string Scheme = "Bearer ";
    private readonly byte[] _key = Encoding.UTF8.GetBytes(signingKey);

    /// <summary>Whose the valid token of this header is, or null.</summary>
    public Guid? Read(string header)
    {
        var token = header.AsSpan();
        var dot = token.LastIndexOf('.');
        if (!token.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || dot < 0)
        {
            return null;
        }

        Span<byte> signature = stackalloc byte[32];
        Span<byte> signed = stackalloc byte[dot - Scheme.Length];
        Encoding.ASCII.GetBytes(token[Scheme.Length..dot], signed);
        HMACSHA256.HashData(_key, signed, signature);
        Span<byte> given = stackalloc byte[64];
        if (
            !Base64Url.TryDecodeFromChars(token[(dot + 1)..], given, out var length)
            || !CryptographicOperations.FixedTimeEquals(given[..length], signature)
        )
        {
            return null;
        }

        var claims = token[Scheme.Length..dot];
        return Claims(Base64Url.DecodeFromChars(claims[(claims.IndexOf('.') + 1)..]));
    }

    private Guid? Claims(ReadOnlySpan<byte> payload)
    {
        Guid? user = null;
        var (expires, isAccess) = (0L, false);
        var json = new Utf8JsonReader(payload);
        while (json.Read())
        {
            if (json.TokenType != JsonTokenType.PropertyName)
            {
                continue;
            }

            if (json.ValueTextEquals("user_id"u8))
            {
                json.Read();
                user = json.GetGuid();
            }
            else if (json.ValueTextEquals("exp"u8))
            {
                json.Read();
                expires = json.GetInt64();
            }
            else if (json.ValueTextEquals("token_type"u8))
            {
                json.Read();
                isAccess = json.ValueTextEquals("access"u8);
            }
        }

        return isAccess && expires > time.GetUtcNow().ToUnixTimeSeconds() ? user : null;
    }
}
