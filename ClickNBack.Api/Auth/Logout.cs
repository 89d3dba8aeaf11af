using System.ComponentModel.DataAnnotations;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Auth;

/// <summary>Ends a login: revokes the family of the given refresh token, if it is the caller's (contract D9).</summary>
internal static class Logout
{
    internal sealed record Request
    {
        [StringLength(10_000)]
        public required string RefreshToken { get; init; }
    }

    /// <summary>Logging out twice, or with a token that is gone, is no error: the login is over.</summary>
    public static async Task<Results<NoContent, ApiError>> HandleAsync(
        Body<Request> body,
        Caller caller,
        ClickNBackDbContext db,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        var hash = TokenService.Hash(body.Value.RefreshToken);
        var token = await db
            .RefreshTokens.AsNoTracking()
            .FirstOrDefaultAsync(it => it.TokenHash == hash && it.UserId == caller.Id, cancel);
        if (token is null)
        {
            return AuthErrors.InvalidRefreshToken.With("This refresh token is unknown.");
        }

        await db.RevokeFamilyAsync(token.FamilyId, time.GetUtcNow(), cancel);
        return TypedResults.NoContent();
    }

    /// <summary>Revokes a family; one that is revoked stays as it is.</summary>
    internal static Task RevokeFamilyAsync(
        this ClickNBackDbContext db,
        Guid familyId,
        DateTimeOffset now,
        CancellationToken cancel
    ) =>
        db
            .RefreshTokenFamilies.Where(it => it.Id == familyId && it.RevokedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(it => it.RevokedAt, now), cancel);
}
