using System.ComponentModel.DataAnnotations;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;

namespace ClickNBack.Api.Users;

/// <summary>Makes an account. Nobody becomes an administrator this way.</summary>
internal static class Register
{
    internal sealed record Request
    {
        [StringLength(10_000), Email]
        public required string Email { get; init; }

        [StringLength(PasswordPolicy.MaxLength)]
        public required string Password { get; init; }
    }

    public static async Task<Results<Created<UserResponse>, ApiError>> HandleAsync(
        Body<Request> body,
        ClickNBackDbContext db,
        IPasswordHasher<User> passwords,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        var email = EmailAddress.Of(body.Value.Email);
        var password = body.Value.Password;
        if (PasswordPolicy.FirstViolation(password) is { } reason)
        {
            return UserErrors.PasswordNotComplexEnough.With([new Violation("password", reason)]);
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
            : UserErrors.EmailAlreadyRegistered.With(email.Address);
    }
}
