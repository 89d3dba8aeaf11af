using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ClickNBack.Api.Accounts;

/// <summary>Erases the caller's account.</summary>
internal static class EraseAccount
{
    public static async Task<Results<NoContent, ApiError>> HandleAsync(
        Caller caller,
        AccountErasure erasure,
        CancellationToken cancel
    ) =>
        await erasure.EraseAsync(caller.Id, Actor.Of(caller), cancel) is { } refusal
            ? refusal
            : TypedResults.NoContent();
}
