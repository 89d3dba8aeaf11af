using ClickNBack.Api.Http;
using ClickNBack.Api.Users;

namespace ClickNBack.Api.Accounts;

/// <summary>What somebody may do with their own account: look at it, and end it.</summary>
internal static class AccountRoutes
{
    public static void MapAccounts(this IEndpointRouteBuilder api)
    {
        api.MapGet("/users/me", GetMe.HandleAsync)
            .WithTags("Users")
            .WithName("GetMe")
            .WithSummary("Who am I")
            .WithDescription("The caller's own account.")
            .WithExample(response: UserExamples.Alice)
            .RequireAuthorization();
        api.MapDelete("/users/me", EraseAccount.HandleAsync)
            .WithTags("Users")
            .WithName("EraseAccount")
            .WithSummary("Erase my account")
            .WithDescription(
                "For good: personal data is gone, all logins end, the e-mail can be registered anew. What is available but less than the smallest payout is given up."
            )
            .ProducesErrors(AccountErrors.NotSettled)
            .RequireAuthorization();
    }
}
