using System.ComponentModel.DataAnnotations;
using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Auth;

/// <summary>
/// Exchanges a refresh token for a new pair, once. A spent token that comes back later than a client's retry could explain
/// was stolen, or its successor was: the whole family is revoked (contract D5).
/// </summary>
internal static class Refresh
{
    /// <summary>How long after its use a spent token is taken for a retry or a race and not for theft.</summary>
    public static readonly TimeSpan ReuseTolerance = TimeSpan.FromSeconds(30);

    internal sealed record Request
    {
        [StringLength(10_000)]
        public required string RefreshToken { get; init; }
    }

    public static async Task<Results<Ok<IssuedTokens>, ApiError>> HandleAsync(
        Body<Request> body,
        HttpContext http,
        CredentialLimits limits,
        ClickNBackDbContext db,
        TokenService tokens,
        AuditTrail audit,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        var read = await tokens.ReadRefreshTokenAsync(body.Value.RefreshToken);
        if (read.State == TokenState.Invalid)
        {
            return AuthErrors.InvalidRefreshToken.With();
        }

        var hash = TokenService.Hash(body.Value.RefreshToken);
        var spent = await db.RefreshTokens.AsNoTracking().FirstOrDefaultAsync(it => it.TokenHash == hash, cancel);
        if (spent is null)
        {
            return AuthErrors.InvalidRefreshToken.With("This refresh token is unknown.");
        }

        if (limits.Refuse(http, spent.FamilyId) is { } refusal)
        {
            return refusal;
        }

        var now = time.GetUtcNow();
        if (read.State == TokenState.Expired || spent.ExpiresAt <= now)
        {
            return AuthErrors.ExpiredRefreshToken.With();
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancel);

        // Spending and revoking both start here: whoever locks the family first decides what the other one sees.
        var family = await db
            .RefreshTokenFamilies.FromSql(
                $"SELECT * FROM refresh_token_families WHERE id = {spent.FamilyId} FOR UPDATE"
            )
            .AsNoTracking()
            .SingleAsync(cancel);
        if (family.RevokedAt is not null)
        {
            return AuthErrors.TokenRevoked.With("This refresh token was revoked.");
        }

        var won = await db
            .RefreshTokens.Where(it => it.Id == spent.Id && it.UsedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(it => it.UsedAt, now), cancel);
        if (won == 0)
        {
            await RevokeIfStolenAsync(db, audit, spent, now, cancel);
            await transaction.CommitAsync(cancel);
            return AuthErrors.TokenRevoked.With("This refresh token was used before and is revoked.");
        }

        var role = await db.Users.Where(it => it.Id == spent.UserId).Select(it => it.Role).FirstAsync(cancel);
        var successor = tokens.IssueRefreshToken(spent.UserId);
        db.RefreshTokens.Add(
            new RefreshToken
            {
                Id = Guid.CreateVersion7(now),
                FamilyId = spent.FamilyId,
                UserId = spent.UserId,
                TokenHash = TokenService.Hash(successor),
                IssuedAt = now,
                ExpiresAt = now + tokens.RefreshLifetime,
                RotationCount = spent.RotationCount + 1,
            }
        );
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);

        return TypedResults.Ok(
            new IssuedTokens(tokens.IssueAccessToken(spent.UserId, role, spent.FamilyId), successor)
        );
    }

    private static async Task RevokeIfStolenAsync(
        ClickNBackDbContext db,
        AuditTrail audit,
        RefreshToken spent,
        DateTimeOffset now,
        CancellationToken cancel
    )
    {
        var usedAt = await db.RefreshTokens.Where(it => it.Id == spent.Id).Select(it => it.UsedAt).FirstAsync(cancel);
        if (now - usedAt <= ReuseTolerance)
        {
            return;
        }

        await db.RevokeFamilyAsync(spent.FamilyId, now, cancel);
        audit.Record(
            Actor.System,
            AuditActions.RefreshTokenReused,
            "user",
            spent.UserId,
            new { family_id = spent.FamilyId }
        );
        await db.SaveChangesAsync(cancel);
    }
}
