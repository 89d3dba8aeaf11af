using ClickNBack.Api.Http;
using ClickNBack.Api.Users;

namespace ClickNBack.Api.Auth;

internal static class AuthRoutes
{
    public static void MapAuth(this IEndpointRouteBuilder api)
    {
        var auth = api.MapGroup("/auth").WithTags("Authentication");

        auth.MapPost("/login", Login.HandleAsync)
            .WithName("Login")
            .WithSummary("Log in")
            .WithDescription("Exchanges e-mail and password for an access token and a refresh token.")
            .WithExample(AuthExamples.Login, AuthExamples.Tokens)
            .ProducesErrors(AuthErrors.InvalidCredentials)
            .RequireRateLimiting(LoginLimit.Name)
            .AllowAnonymous();
        auth.MapPost("/refresh", Refresh.HandleAsync)
            .WithName("Refresh")
            .WithSummary("Get new tokens")
            .WithDescription(
                "Exchanges a refresh token for a new pair, once. Within 30 seconds a repetition is only refused; later it revokes the login."
            )
            .WithExample(AuthExamples.Refresh, AuthExamples.Tokens)
            .ProducesErrors(AuthErrors.InvalidRefreshToken, AuthErrors.ExpiredRefreshToken, AuthErrors.TokenRevoked)
            .AllowAnonymous();
        auth.MapPost("/logout", Logout.HandleAsync)
            .WithName("Logout")
            .WithSummary("Log out")
            .WithDescription("Revokes the login that the refresh token descends from.")
            .WithExample(AuthExamples.Logout)
            .ProducesErrors(AuthErrors.InvalidRefreshToken)
            .RequireAuthorization();
        api.MapPut("/users/me/password", ChangePassword.HandleAsync)
            .WithTags("Authentication")
            .WithName("ChangePassword")
            .WithSummary("Change my password")
            .WithDescription(
                "Ends all other logins of the caller's: their refresh tokens are revoked. The one that asks goes on."
            )
            .WithExample(AuthExamples.ChangePassword)
            .ProducesErrors(UserErrors.CurrentPasswordIncorrect, UserErrors.PasswordNotComplexEnough)
            .RequireAuthorization();
    }
}
