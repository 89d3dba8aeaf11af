using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Auth;

/// <summary>Exchanges e-mail and password for tokens; each login starts a family of refresh tokens.</summary>
public static class Login
{
    /// <summary>What is asked.</summary>
    public sealed record Request(EmailAddress Email, string Password) : IRequest<Request>
    {
        /// <inheritdoc/>
        public static Request Read(Fields fields) => new(EmailAddress.Read(fields, "email"), fields.Text("password"));
    }

    private static readonly User Nobody = new()
    {
        Id = default,
        Email = "",
        NormalizedEmail = "",
        PasswordHash = "",
        CreatedAt = default,
    };

    // What an unknown e-mail's password is compared with, so that the answer takes as long as a known one's.
    private static readonly string NobodysHash = new PasswordHasher<User>().HashPassword(Nobody, "nobody's password");

    /// <summary>The handler.</summary>
    public static async Task<Results<Ok<IssuedTokens>, ApiError>> Handle(
        Body<Request> body,
        HttpContext http,
        CredentialLimits limits,
        ClickNBackDbContext db,
        IPasswordHasher<User> passwords,
        TokenService tokens,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        var request = body.Value;
        if (limits.Refuse(http, request.Email.Normalized) is { } refusal)
        {
            return refusal;
        }

        var user = await db
            .Users.AsNoTracking()
            .FirstOrDefaultAsync(it => it.NormalizedEmail == request.Email.Normalized, cancel);
        var verified = passwords.VerifyHashedPassword(
            user ?? Nobody,
            user?.PasswordHash ?? NobodysHash,
            request.Password
        );
        if (user is null || verified == PasswordVerificationResult.Failed)
        {
            return AuthErrors.InvalidCredentials.With("The e-mail or the password is wrong.");
        }

        var now = time.GetUtcNow();
        var refreshToken = tokens.IssueRefreshToken(user.Id);
        var family = new RefreshTokenFamily
        {
            Id = Guid.CreateVersion7(now),
            UserId = user.Id,
            CreatedAt = now,
        };
        db.RefreshTokenFamilies.Add(family);
        db.RefreshTokens.Add(
            new RefreshToken
            {
                Id = Guid.CreateVersion7(now),
                FamilyId = family.Id,
                UserId = user.Id,
                TokenHash = TokenService.Hash(refreshToken),
                IssuedAt = now,
                ExpiresAt = now + tokens.RefreshLifetime,
            }
        );
        await db.SaveChangesAsync(cancel);

        return TypedResults.Ok(new IssuedTokens(tokens.IssueAccessToken(user.Id, user.Role), refreshToken));
    }
}
