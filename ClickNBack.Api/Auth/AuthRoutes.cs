using ClickNBack.Api.Http;
using ClickNBack.Api.OpenApi;

namespace ClickNBack.Api.Auth;

/// <summary>Logins.</summary>
public static class AuthRoutes
{
    /// <summary>Maps them.</summary>
    public static void MapAuth(this IEndpointRouteBuilder api)
    {
        var auth = api.MapGroup("/auth").WithTags("Authentication");

        auth.MapPost("/login", Login.Handle)
            .Describe("Login", "Log in", "Exchanges e-mail and password for an access token and a refresh token.")
            .Answers(AuthExamples.Tokens)
            .AllowAnonymous()
            .RequireRateLimiting(RateLimits.Logins)
            .Fails(AuthErrors.InvalidCredentials);
        auth.MapPost("/refresh", Refresh.Handle)
            .Describe(
                "Refresh",
                "Get new tokens",
                "Exchanges a refresh token for a new pair, once. Within 30 seconds a repetition is only refused; later it revokes the login."
            )
            .Answers(AuthExamples.Tokens)
            .AllowAnonymous()
            .Fails(AuthErrors.InvalidRefreshToken, AuthErrors.ExpiredRefreshToken, AuthErrors.TokenRevoked);
        auth.MapPost("/logout", Logout.Handle)
            .Describe("Logout", "Log out", "Revokes the login that the refresh token descends from.")
            .RequireAuthorization()
            .Fails(AuthErrors.InvalidRefreshToken);
    }
}
