namespace ClickNBack.Api.Users;

/// <summary>An account, as its owner sees it.</summary>
/// <param name="Id">The identifier.</param>
/// <param name="Email">The e-mail.</param>
/// <param name="Active">Whether it may be used.</param>
/// <param name="Role">What it may do.</param>
/// <param name="CreatedAt">When it was made, UTC.</param>
internal sealed record UserResponse(Guid Id, string Email, bool Active, Role Role, DateTimeOffset CreatedAt)
{
    internal static UserResponse Of(User user) => new(user.Id, user.Email, user.Active, user.Role, user.CreatedAt);
}
