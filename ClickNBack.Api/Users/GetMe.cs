using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Users;

internal static class GetMe
{
    public static async Task<Ok<UserResponse>> HandleAsync(
        Caller caller,
        ClickNBackDbContext db,
        CancellationToken cancel
    ) => TypedResults.Ok(UserResponse.Of(await db.Users.AsNoTracking().FirstAsync(it => it.Id == caller.Id, cancel)));
}
