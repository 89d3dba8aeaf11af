using ClickNBack.Api.Http;
using ClickNBack.Api.OpenApi;

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
            .Describe(
                "Register",
                "Register",
                "Makes an account. A password has at least 8 characters: upper and lower case, a digit, and one that is neither."
            )
            .Answers(UserExamples.Alice)
            .AllowAnonymous()
            .RequireRateLimiting(RateLimits.Registrations)
            .Fails(UserErrors.PasswordNotComplexEnough, UserErrors.EmailAlreadyRegistered);
        users
            .MapGet("/me", GetMe.Handle)
            .Describe("GetMe", "Who am I", "The caller's own account.")
            .Answers(UserExamples.Alice)
            .RequireAuthorization();
    }
}
