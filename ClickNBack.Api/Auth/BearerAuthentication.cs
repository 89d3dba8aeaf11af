using System.Security.Claims;
using System.Text.Encodings.Web;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ClickNBack.Api.Auth;

/// <summary>
/// Bearer access tokens (contract 2.2). Every call looks at the account, so that switching it off or changing its role takes
/// effect at once: here, or with what the route itself asks (<see cref="CallerQuery"/>).
/// </summary>
internal sealed class BearerAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder,
    NpgsqlDataSource database
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    /// <summary>The scheme's name; clients may write it in any case.</summary>
    public const string SchemeName = "Bearer";

    private sealed record PresentedToken(ReadToken Token);

    private ApiError _refusal = AuthErrors.InvalidToken.With(AuthErrors.TokenRequired);

    /// <summary>Reads the access token, which costs no question to the database: before the rate limits, which count by it.</summary>
    public static void ReadToken(WebApplication app)
    {
        var tokens = app.Services.GetRequiredService<TokenService>();
        app.Use(
            async (http, next) =>
            {
                var header = http.Request.Headers.Authorization.ToString();
                if (header.StartsWith($"{SchemeName} ", StringComparison.OrdinalIgnoreCase))
                {
                    var token = await tokens.ReadAccessTokenAsync(header[(SchemeName.Length + 1)..].Trim());
                    http.Features.Set(new PresentedToken(token));
                    if (token.State == TokenState.Valid)
                    {
                        http.Features.Set(new TokenHolder(token.UserId, token.LoginId));
                    }
                }

                await next(http);
            }
        );
    }

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Context.Features.Get<PresentedToken>() is not { Token: var token })
        {
            return AuthenticateResult.NoResult();
        }

        if (token.State == TokenState.Expired)
        {
            return Refuse(AuthErrors.ExpiredToken.With());
        }

        if (token.State == TokenState.Invalid)
        {
            return AuthenticateResult.Fail(_refusal.Message);
        }

        var identity = new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, token.UserId.ToString())], SchemeName);
        if (Context.GetEndpoint()?.Metadata.GetMetadata<CallerQuery.Metadata>() is null)
        {
            var query = new CallerQuery(Context, token.UserId);
            var (caller, refusal) = await database.ReadAsync(() => query.ReadAccountAsync(Context.RequestAborted));
            if (refusal is not null)
            {
                return Refuse(refusal);
            }

            Context.Features.Set(caller);
            identity.AddClaim(new Claim(ClaimTypes.Role, Json.Name(caller!.Role)));
        }

        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = SchemeName;
        return ErrorResponse.WriteAsync(Context, _refusal);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        // 401, not 403: the contract answers a user on an administrator's route like a stranger (1.1).
        Logger.LogInformation("{User} is no administrator", Context.Features.Get<Caller>()?.Id);
        return HandleChallengeAsync(properties);
    }

    private AuthenticateResult Refuse(ApiError refusal)
    {
        _refusal = refusal;
        return AuthenticateResult.Fail(refusal.Message);
    }
}
