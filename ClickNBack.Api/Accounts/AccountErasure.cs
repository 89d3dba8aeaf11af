using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Money;
using ClickNBack.Api.Payouts;
using ClickNBack.Api.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ClickNBack.Api.Accounts;

/// <summary>
/// Erases accounts, once nothing is under way or owed: what is personal goes and the e-mail is free again; the ledger stays, under
/// an identifier that leads to nobody (docs/adr/0013). The database decides and erases, in one step.
/// </summary>
internal sealed class AccountErasure(
    ClickNBackDbContext db,
    AuditTrail audit,
    IOptions<PayoutOptions> payouts,
    TimeProvider time
)
{
    /// <summary>Erases an account that exists; answers why it cannot be erased yet, or null.</summary>
    public async Task<ApiError?> EraseAsync(Guid userId, Actor actor, CancellationToken cancel)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var least = payouts.Value.MinimumAmount; // less than that cannot be withdrawn, and would keep the account for ever
        var erased = await db
            .Database.SqlQuery<bool>($"""SELECT erase_user({userId}, {least}, {time.GetUtcNow()}) AS "Value" """)
            .ToListAsync(cancel);
        var wallet = await db.Wallets.AsNoTracking().FirstOrDefaultAsync(it => it.UserId == userId, cancel);
        if (!erased.Single())
        {
            var open = await db.Payouts.CountAsync(
                it =>
                    it.UserId == userId
                    && (it.Status == PayoutStatus.Requested || it.Status == PayoutStatus.Processing),
                cancel
            );
            return AccountErrors.NotSettled.With(
                (wallet?.PendingBalance ?? 0, wallet?.AvailableBalance ?? 0, wallet?.OwedBalance ?? 0, open)
            );
        }

        audit.Record(
            actor,
            AuditActions.AccountErased,
            "user",
            userId,
            new { given_up = Euro.Text(wallet?.AvailableBalance ?? 0) }
        );
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return null;
    }
}
