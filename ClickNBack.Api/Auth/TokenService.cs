using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using ClickNBack.Api.Http;
using ClickNBack.Api.Users;
using Microsoft.Extensions.Options;

namespace ClickNBack.Api.Auth;

/// <summary>What became of reading a token.</summary>
public enum TokenState
{
    /// <summary>Not one of ours, tampered with, or of another kind.</summary>
    Invalid,

    /// <summary>Ours, past its time.</summary>
    Expired,

    /// <summary>Ours and in time.</summary>
    Valid,
}

/// <summary>A token that was read.</summary>
/// <param name="State">What became of it.</param>
/// <param name="UserId">Whose it is; only if it is ours.</param>
public readonly record struct ReadToken(TokenState State, Guid UserId);

/// <summary>Issues and reads access and refresh tokens (contract 2.2).</summary>
public sealed class TokenService
{
    private const string AccessType = "access";
    private const string RefreshType = "refresh";

    private sealed record Claims(Guid UserId, string? UserRole, long Exp, string TokenType, Guid? Jti);

    // Absent claims are left out; a token without one of the required claims is not ours.
    private static readonly JsonSerializerOptions ClaimsJson = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly byte[] _key;
    private readonly byte[][] _keys;
    private readonly TimeProvider _time;

    /// <summary>Reads the keys and lifetimes.</summary>
    public TokenService(IOptions<TokenSettings> options, TimeProvider time)
    {
        var settings = options.Value;
        _time = time;
        _key = Encoding.UTF8.GetBytes(settings.SigningKey);
        _keys = settings.PreviousSigningKey is { Length: > 0 } previous
            ? [_key, Encoding.UTF8.GetBytes(previous)]
            : [_key];
        AccessLifetime = TimeSpan.FromMinutes(settings.AccessTokenMinutes);
        RefreshLifetime = TimeSpan.FromMinutes(settings.RefreshTokenMinutes);
    }

    /// <summary>How long an access token is good for.</summary>
    public TimeSpan AccessLifetime { get; }

    /// <summary>How long a refresh token is good for.</summary>
    public TimeSpan RefreshLifetime { get; }

    /// <summary>A new access token.</summary>
    public string IssueAccessToken(Guid userId, Role role) =>
        Issue(new Claims(userId, Json.Name(role), Expiry(AccessLifetime), AccessType, null));

    /// <summary>A new refresh token, like no other.</summary>
    public string IssueRefreshToken(Guid userId) =>
        Issue(
            new Claims(userId, null, Expiry(RefreshLifetime), RefreshType, new Guid(RandomNumberGenerator.GetBytes(16)))
        );

    /// <summary>Reads an access token.</summary>
    public ReadToken ReadAccessToken(string? token) => Read(token, AccessType);

    /// <summary>Reads a refresh token; whether it is spent or revoked is for the database to say.</summary>
    public ReadToken ReadRefreshToken(string? token) => Read(token, RefreshType);

    /// <summary>What is kept of a refresh token.</summary>
    public static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private string Issue(Claims claims) => Jws.Sign(JsonSerializer.SerializeToUtf8Bytes(claims, ClaimsJson), _key);

    private long Expiry(TimeSpan lifetime) => (_time.GetUtcNow() + lifetime).ToUnixTimeSeconds();

    private ReadToken Read(string? token, string type)
    {
        if (Jws.Verify(token, _keys) is not { } payload || Parse(payload) is not { } claims || claims.TokenType != type)
        {
            return default;
        }

        var state = claims.Exp > _time.GetUtcNow().ToUnixTimeSeconds() ? TokenState.Valid : TokenState.Expired;
        return new ReadToken(state, claims.UserId);
    }

    private static Claims? Parse(byte[] payload)
    {
        try
        {
            return
                JsonSerializer.Deserialize<Claims>(payload, ClaimsJson) is { UserId: var id, Exp: > 0 } claims
                && id != default
                ? claims
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
