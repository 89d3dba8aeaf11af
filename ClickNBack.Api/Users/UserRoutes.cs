using ClickNBack.Api.Http;

namespace ClickNBack.Api.Users;

internal static class UserRoutes
{
    public static void MapUsers(this IEndpointRouteBuilder api)
    {
        api.MapPost("/users/", Register.HandleAsync)
            .WithTags("Users")
            .WithName("Register")
            .WithSummary("Register")
            .WithDescription(
                "Makes an account. A password has at least 8 characters: upper and lower case, a digit, and one that is neither."
            )
            .WithExample(UserExamples.Register, UserExamples.Alice)
            .ProducesErrors(UserErrors.PasswordNotComplexEnough, UserErrors.EmailAlreadyRegistered)
            .RequireRateLimiting(RateLimits.Registrations)
            .AllowAnonymous();
    }
}
