namespace ClickNBack.Api.Users;

/// <summary>Who is asking: the account as it is in the database now, not as the token remembers it.</summary>
/// <param name="Id">The account.</param>
/// <param name="Role">Its current role.</param>
internal sealed record Caller(Guid Id, Role Role)
{
    /// <summary>Called by the framework; only on routes that require authentication.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context) =>
        ValueTask.FromResult(context.Features.Get<Caller>());
}

/// <summary>What routes may ask of a caller.</summary>
internal static class Policies
{
    public const string Admin = "admin";
}
