using System.ComponentModel.DataAnnotations;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Auth;

/// <summary>Exchanges e-mail and password for tokens; each login starts a family of refresh tokens.</summary>
internal static class Login
{
    internal sealed record Request
    {
        [StringLength(10_000), Email]
        public required string Email { get; init; }

        [StringLength(10_000)]
        public required string Password { get; init; }
    }

    // What an unknown e-mail's password is compared with, so that the answer takes as long as a known one's.
    private static readonly string NobodysHash = new PasswordHasher<User>().HashPassword(null!, "nobody's password");

    internal static async Task<Results<Ok<IssuedTokens>, ApiError>> HandleAsync(
        Body<Request> body,
        HttpContext http,
        CredentialLimits limits,
        LoginMetrics metrics,
        ClickNBackDbContext db,
        Passwords passwords,
        TokenService tokens,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        var request = body.Value;
        if (await EmailAddress.ComposeAsync(db, request.Email, cancel) is not { } email)
        {
            return EmailAttribute.Refusal;
        }

        if (limits.Refuse(http, email.Normalized) is { } refusal)
        {
            metrics.Limited();
            return refusal;
        }

        var user = await db
            .Users.AsNoTracking()
            .FirstOrDefaultAsync(it => it.NormalizedEmail == email.Normalized, cancel);
        var verified = await passwords.VerifyAsync(user?.PasswordHash ?? NobodysHash, request.Password, cancel);
        if (user is null || !verified)
        {
            metrics.Failed();
            return AuthErrors.InvalidCredentials.With();
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

        metrics.Succeeded();
        return TypedResults.Ok(new IssuedTokens(tokens.IssueAccessToken(user.Id, user.Role, family.Id), refreshToken));
    }
}
