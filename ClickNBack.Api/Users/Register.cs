using System.ComponentModel.DataAnnotations;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;

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
        Passwords passwords,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        var password = await passwords.PrepareAsync(body.Value.Password, cancel);
        if (PasswordPolicy.FirstViolation(password) is { } reason)
        {
            return UserErrors.PasswordNotComplexEnough.With([new Violation("password", reason)]);
        }

        if (await EmailAddress.ComposeAsync(db, body.Value.Email, cancel) is not { } email)
        {
            return EmailAttribute.Refusal;
        }

        var now = time.GetUtcNow();
        var user = new User
        {
            Id = Guid.CreateVersion7(now),
            Email = email.Address,
            NormalizedEmail = email.Normalized,
            PasswordHash = passwords.Hash(password),
            CreatedAt = now,
        };
        db.Users.Add(user);
        return await db.TrySaveAsync(UserMapping.UniqueEmail, cancel)
            ? TypedResults.Created("/api/v1/users/me", UserResponse.Of(user))
            : UserErrors.EmailAlreadyRegistered.With(email.Address);
    }
}
