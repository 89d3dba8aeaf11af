using System.Security.Cryptography;
using System.Text;
using ClickNBack.Api.Http;
using ClickNBack.Api.Users;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ClickNBack.Api.Auth;

/// <summary>What became of reading a token.</summary>
internal enum TokenState
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
/// <param name="LoginId">The login it descends from; empty if it does not say.</param>
internal readonly record struct ReadToken(TokenState State, Guid UserId, Guid LoginId);

/// <summary>Issues and reads access and refresh tokens: JWTs signed with HS256 (contract 2.2, docs/adr/0002).</summary>
internal sealed class TokenService
{
    private const string AccessType = "access";
    private const string RefreshType = "refresh";
    private const string LoginClaim = "sid";

    private readonly JsonWebTokenHandler _handler = new()
    {
        MapInboundClaims = false,
        MaximumTokenSizeInBytes = 4096,
        SetDefaultTimesOnTokenCreation = false,
    };

    private readonly SigningCredentials _signing;
    private readonly TokenValidationParameters _rules;
    private readonly TimeProvider _time;

    /// <summary>Reads the keys and lifetimes.</summary>
    public TokenService(IOptions<TokenSettings> options, TimeProvider time)
    {
        var settings = options.Value;
        _time = time;
        _signing = new SigningCredentials(KeyOf(settings.SigningKey), SecurityAlgorithms.HmacSha256);
        _rules = new TokenValidationParameters
        {
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            IssuerSigningKeys = settings.PreviousSigningKey is { Length: > 0 } previous
                ? [_signing.Key, KeyOf(previous)]
                : [_signing.Key],
            ValidateIssuer = false,
            ValidateAudience = false,
            ValidateLifetime = false, // done here, by the application's clock
        };
        AccessLifetime = TimeSpan.FromMinutes(settings.AccessTokenMinutes);
        RefreshLifetime = TimeSpan.FromMinutes(settings.RefreshTokenMinutes);
    }

    /// <summary>How long an access token is good for.</summary>
    public TimeSpan AccessLifetime { get; }

    /// <summary>How long a refresh token is good for.</summary>
    public TimeSpan RefreshLifetime { get; }

    public string IssueAccessToken(Guid userId, Role role, Guid loginId) =>
        Issue(userId, AccessType, AccessLifetime, ("user_role", Json.Name(role)), (LoginClaim, loginId.ToString()));

    /// <summary>A new refresh token, like no other.</summary>
    public string IssueRefreshToken(Guid userId) =>
        Issue(userId, RefreshType, RefreshLifetime, ("jti", new Guid(RandomNumberGenerator.GetBytes(16)).ToString()));

    public Task<ReadToken> ReadAccessTokenAsync(string? token) => ReadAsync(token, AccessType);

    /// <summary>Reads a refresh token; whether it is spent or revoked is for the database to say.</summary>
    public Task<ReadToken> ReadRefreshTokenAsync(string? token) => ReadAsync(token, RefreshType);

    /// <summary>What is kept of a refresh token.</summary>
    public static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private static SymmetricSecurityKey KeyOf(string text) => new(Encoding.UTF8.GetBytes(text));

    private string Issue(Guid userId, string type, TimeSpan lifetime, params (string Name, string Value)[] claims) =>
        _handler.CreateToken(
            new SecurityTokenDescriptor
            {
                Claims = new Dictionary<string, object>(
                    claims.Select(it => KeyValuePair.Create(it.Name, (object)it.Value)),
                    StringComparer.Ordinal
                )
                {
                    ["user_id"] = userId.ToString(),
                    ["token_type"] = type,
                },
                Expires = (_time.GetUtcNow() + lifetime).UtcDateTime,
                SigningCredentials = _signing,
            }
        );

    private async Task<ReadToken> ReadAsync(string? token, string type)
    {
        try
        {
            var result = await _handler.ValidateTokenAsync(token, _rules);
            if (
                result is not { IsValid: true, SecurityToken: JsonWebToken jwt }
                || jwt.EncodedToken.EndsWith('=') // the library takes padding: a second encoding of the same token
                || jwt.TryGetHeaderValue("crit", out object _) // RFC 7515: no extension is understood here
                || !(jwt.TryGetPayloadValue("token_type", out string kind) && kind == type)
                || !(jwt.TryGetPayloadValue("user_id", out string user) && Guid.TryParseExact(user, "D", out var id))
                || !jwt.TryGetPayloadValue("exp", out long expiry)
            )
            {
                return default;
            }

            return new(
                expiry > _time.GetUtcNow().ToUnixTimeSeconds() ? TokenState.Valid : TokenState.Expired,
                id,
                jwt.TryGetPayloadValue(LoginClaim, out string login) && Guid.TryParseExact(login, "D", out var loginId)
                    ? loginId
                    : default
            );
        }
        catch (Exception) // of any kind: the library's parsers throw late on what a stranger may have written
        {
            return default;
        }
    }
}
