using ClickNBack.Api.Auth;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Users;

/// <summary>An account, as its owner sees it.</summary>
/// <param name="Id">The identifier.</param>
/// <param name="Email">The e-mail.</param>
/// <param name="Active">Whether it may be used.</param>
/// <param name="Role">What it may do.</param>
/// <param name="CreatedAt">When it was made, UTC.</param>
public sealed record UserResponse(Guid Id, string Email, bool Active, Role Role, DateTimeOffset CreatedAt)
{
    internal static UserResponse Of(User user) => new(user.Id, user.Email, user.Active, user.Role, user.CreatedAt);
}

/// <summary>The caller's own account.</summary>
public static class GetMe
{
    /// <summary>The handler.</summary>
    public static async Task<Ok<UserResponse>> Handle(
        Caller caller,
        ClickNBackDbContext db,
        CancellationToken cancel
    ) => TypedResults.Ok(UserResponse.Of(await db.Users.AsNoTracking().FirstAsync(it => it.Id == caller.Id, cancel)));
}
