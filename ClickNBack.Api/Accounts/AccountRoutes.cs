using ClickNBack.Api.Http;

namespace ClickNBack.Api.Accounts;

/// <summary>The end of accounts.</summary>
internal static class AccountRoutes
{
    public static void MapAccounts(this IEndpointRouteBuilder api) =>
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
