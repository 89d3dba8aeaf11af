using System.ComponentModel.DataAnnotations;
using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Auth;

/// <summary>
/// A user takes a new password. Whoever else is logged in as them is so no longer than their access token lasts, which is why
/// one does it.
/// </summary>
internal static class ChangePassword
{
    internal sealed record Request
    {
        [StringLength(10_000)]
        public required string CurrentPassword { get; init; }

        [StringLength(PasswordPolicy.MaxLength)]
        public required string NewPassword { get; init; }
    }

    public static async Task<Results<NoContent, ApiError>> HandleAsync(
        Body<Request> body,
        Caller caller,
        HttpContext http,
        CredentialLimits limits,
        ClickNBackDbContext db,
        Passwords passwords,
        AuditTrail audit,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        var user = await db.Users.AsNoTracking().FirstAsync(it => it.Id == caller.Id, cancel);
        if (limits.Refuse(http, user.NormalizedEmail) is { } refusal) // counted with the logins: a password is guessed here as well
        {
            return refusal;
        }

        if (!await passwords.VerifyAsync(user.PasswordHash, body.Value.CurrentPassword, cancel))
        {
            return UserErrors.CurrentPasswordIncorrect.With();
        }

        var password = await passwords.PrepareAsync(body.Value.NewPassword, cancel);
        if (PasswordPolicy.FirstViolation(password) is { } reason)
        {
            return UserErrors.PasswordNotComplexEnough.With([new Violation("new_password", reason)]);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var hash = passwords.Hash(password);
        var changed = await db
            .Users.Where(it => it.Id == user.Id && it.PasswordHash == user.PasswordHash)
            .ExecuteUpdateAsync(set => set.SetProperty(it => it.PasswordHash, hash), cancel);
        if (changed == 0)
        {
            return UserErrors.CurrentPasswordIncorrect.With(); // another change was faster
        }

        var now = time.GetUtcNow();
        var asking = http.Features.GetRequiredFeature<TokenHolder>().LoginId;
        var ended = await db
            .RefreshTokenFamilies.Where(it => it.UserId == user.Id && it.Id != asking && it.RevokedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(it => it.RevokedAt, now), cancel);
        audit.Record(Actor.Of(caller), AuditActions.PasswordChanged, "user", user.Id, new { ended_logins = ended });
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return TypedResults.NoContent();
    }
}
