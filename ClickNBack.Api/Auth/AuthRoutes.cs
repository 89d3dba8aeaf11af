using ClickNBack.Api.Http;

namespace ClickNBack.Api.Auth;

/// <summary>Logins.</summary>
public static class AuthRoutes
{
    /// <summary>Maps them.</summary>
    public static void MapAuth(this IEndpointRouteBuilder api)
    {
        var auth = api.MapGroup("/auth").WithTags("Authentication");

        auth.MapPost("/login", Login.Handle)
            .AllowAnonymous()
            .RequireRateLimiting(RateLimits.Credentials)
            .Fails(AuthErrors.InvalidCredentials);
        auth.MapPost("/refresh", Refresh.Handle)
            .AllowAnonymous()
            .RequireRateLimiting(RateLimits.Credentials)
            .Fails(AuthErrors.InvalidRefreshToken, AuthErrors.ExpiredRefreshToken, AuthErrors.TokenRevoked);
        auth.MapPost("/logout", Logout.Handle).RequireAuthorization().Fails(AuthErrors.InvalidRefreshToken);
    }
}
