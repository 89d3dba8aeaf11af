using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;

namespace ClickNBack.Api.Users;

/// <summary>Makes an account. Nobody becomes an administrator this way.</summary>
public static class Register
{
    /// <summary>The longest password, in characters: nothing is truncated, and nobody hashes megabytes.</summary>
    public const int MaxPasswordLength = 1024;

    /// <summary>What is asked.</summary>
    public sealed record Request(EmailAddress Email, string Password) : IRequest<Request>
    {
        /// <inheritdoc/>
        public static Request Read(Fields fields) =>
            new(EmailAddress.Read(fields, "email"), fields.Text("password", 0, MaxPasswordLength));
    }

    /// <summary>The handler.</summary>
    public static async Task<Results<Created<UserResponse>, ApiError>> Handle(
        Body<Request> body,
        ClickNBackDbContext db,
        IPasswordHasher<User> passwords,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        var (email, password) = body.Value;
        if (PasswordPolicy.FirstViolation(password) is { } reason)
        {
            return UserErrors.WeakPassword(reason);
        }

        var now = time.GetUtcNow();
        var user = new User
        {
            Id = Guid.CreateVersion7(now),
            Email = email.Address,
            NormalizedEmail = email.Normalized,
            PasswordHash = passwords.HashPassword(null!, password), // the hasher never looks at the user
            CreatedAt = now,
        };
        db.Users.Add(user);
        return await db.TrySaveAsync(UserMapping.UniqueEmail, cancel)
            ? TypedResults.Created("/api/v1/users/me", UserResponse.Of(user))
            : UserErrors.EmailTaken(email.Address);
    }
}
