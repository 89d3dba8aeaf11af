using ClickNBack.Api.Http;

namespace ClickNBack.Api.Users;

/// <summary>Accounts.</summary>
public static class UserRoutes
{
    /// <summary>Maps them.</summary>
    public static void MapUsers(this IEndpointRouteBuilder api)
    {
        var users = api.MapGroup("/users").WithTags("Users");

        users
            .MapPost("/", Register.Handle)
            .AllowAnonymous()
            .RequireRateLimiting(RateLimits.Credentials)
            .Fails(UserErrors.PasswordNotComplexEnough, UserErrors.EmailAlreadyRegistered);
        users.MapGet("/me", GetMe.Handle).RequireAuthorization();
    }
}
