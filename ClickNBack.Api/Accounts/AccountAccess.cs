using ClickNBack.Api.Audit;
using ClickNBack.Api.Persistence;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Accounts;

/// <summary>
/// Who may use their account. An inactive one is refused by every call from then on (contract 2.2), and its sessions end with it.
/// </summary>
internal sealed class AccountAccess(ClickNBackDbContext db, AuditTrail audit, TimeProvider time)
{
    public const string OwnAccount = "You cannot do this to your own account. Ask another administrator.";

    public const string Unknown = "There is no such account, or it was erased.";

    /// <summary>
    /// Deactivates an account or lets it be used again; what is so already stays and is not audited again. Answers why it cannot
    /// be done, or null.
    /// </summary>
    public async Task<string?> SetActiveAsync(Guid userId, bool active, Guid administrator, CancellationToken cancel)
    {
        if (userId == administrator)
        {
            return OwnAccount;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var changed = await db.Database.ExecuteSqlAsync(
            $"UPDATE users SET active = {active} WHERE id = {userId} AND active <> {active} AND erased_at IS NULL",
            cancel
        );
        if (changed == 0)
        {
            return await ExistsAsync(userId, cancel) ? null : Unknown;
        }

        if (!active)
        {
            await RevokeAsync(userId, cancel);
        }

        Record(active ? AuditActions.AccountReactivated : AuditActions.AccountDeactivated, userId, administrator);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return null;
    }

    /// <summary>
    /// Ends all sessions of an account: none can be refreshed any more. Access tokens that are out run out by themselves, within
    /// minutes. Answers why it cannot be done, or null.
    /// </summary>
    public async Task<string?> EndSessionsAsync(Guid userId, Guid administrator, CancellationToken cancel)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (!await ExistsAsync(userId, cancel))
        {
            return Unknown;
        }

        if (await RevokeAsync(userId, cancel) > 0)
        {
            Record(AuditActions.SessionsEnded, userId, administrator);
            await db.SaveChangesAsync(cancel);
            await transaction.CommitAsync(cancel);
        }

        return null;
    }

    private async Task<bool> ExistsAsync(Guid userId, CancellationToken cancel) =>
        (
            await db
                .Database.SqlQuery<bool>(
                    $"""SELECT EXISTS (SELECT FROM users WHERE id = {userId} AND erased_at IS NULL) AS "Value" """
                )
                .ToListAsync(cancel)
        ).Single();

    private Task<int> RevokeAsync(Guid userId, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        return db
            .RefreshTokenFamilies.Where(it => it.UserId == userId && it.RevokedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(it => it.RevokedAt, now), cancel);
    }

    private void Record(string action, Guid userId, Guid administrator) =>
        audit.Record(new Actor(ActorType.Admin, administrator), action, "user", userId);
}
