using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Ledger;
using ClickNBack.Api.Money;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Wallets;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Purchases;

/// <summary>
/// The steps of a purchase's state machine (contract 3.3): status, cashback, money and audit row change together, in the
/// caller's database transaction, on a purchase whose row the caller has locked.
/// </summary>
public sealed class PurchaseResolution(GeneralLedger ledger, AuditTrail audit)
{
    /// <summary>Pending → confirmed.</summary>
    public void Confirm(Purchase purchase, LockedWallet wallet, Actor actor, DateTimeOffset now)
    {
        Require(purchase, PurchaseStatus.Pending);
        var log = audit.Record(
            actor,
            AuditActions.PurchaseConfirmed,
            "purchase",
            purchase.Id,
            new
            {
                purchase.MerchantId,
                amount = Euro.Text(purchase.Amount),
                purchase.Currency,
                cashback_amount = Euro.Text(purchase.CashbackAmount),
            }
        );
        ledger.Confirm(purchase, wallet, log);
        Leave(purchase, PurchaseStatus.Confirmed, CashbackStatus.Available, now);
    }

    /// <summary>Pending → rejected, with the reason that the audit log keeps.</summary>
    public void Reject(Purchase purchase, LockedWallet wallet, string reason, DateTimeOffset now)
    {
        Require(purchase, PurchaseStatus.Pending);
        var log = audit.Record(
            Actor.System,
            AuditActions.PurchaseRejected,
            "purchase",
            purchase.Id,
            new
            {
                purchase.MerchantId,
                amount = Euro.Text(purchase.Amount),
                purchase.Currency,
                reason,
            }
        );
        ledger.Reject(purchase, wallet, log);
        Leave(purchase, PurchaseStatus.Rejected, CashbackStatus.Reversed, now);
    }

    /// <summary>Pending or confirmed → reversed.</summary>
    public void Reverse(Purchase purchase, LockedWallet wallet, Actor actor, DateTimeOffset now)
    {
        Require(purchase, PurchaseStatus.Pending, PurchaseStatus.Confirmed);
        var log = audit.Record(
            actor,
            AuditActions.PurchaseReversed,
            "purchase",
            purchase.Id,
            new { prior_status = Json.Name(purchase.Status) }
        );
        ledger.Reverse(purchase, wallet, log);
        Leave(purchase, PurchaseStatus.Reversed, CashbackStatus.Reversed, now);
        purchase.CashbackAmount = 0;
    }

    private static void Leave(Purchase purchase, PurchaseStatus status, CashbackStatus cashback, DateTimeOffset now)
    {
        purchase.Status = status;
        purchase.ResolvedAt = now;
        purchase.Cashback!.Status = cashback;
    }

    private static void Require(Purchase purchase, params ReadOnlySpan<PurchaseStatus> statuses)
    {
        if (!statuses.Contains(purchase.Status))
        {
            throw new InvalidOperationException($"Purchase {purchase.Id} is {purchase.Status}.");
        }
    }
}

/// <summary>Locking purchases before they are resolved.</summary>
public static class PurchaseLocks
{
    /// <summary>Locks one purchase until the end of the running transaction and loads it with its cashback.</summary>
    public static async Task<Purchase?> LockPurchaseAsync(
        this ClickNBackDbContext db,
        Guid id,
        CancellationToken cancel
    )
    {
        var purchase = await db
            .Purchases.FromSql($"SELECT * FROM purchases WHERE id = {id} FOR NO KEY UPDATE")
            .SingleOrDefaultAsync(cancel);
        if (purchase is not null)
        {
            await db.CashbackTransactions.Where(it => it.PurchaseId == id).LoadAsync(cancel);
        }

        return purchase;
    }

    /// <summary>
    /// Locks those of the purchases that are still pending, in an order that cannot deadlock, and loads them with their
    /// cashback. Waits for whoever holds one: most often a process that looked for due purchases at the same moment, and
    /// lets go without having changed anything. To pass over it would leave the purchase alone until its lease is over.
    /// </summary>
    public static async Task<List<Purchase>> LockPendingAsync(
        this ClickNBackDbContext db,
        IEnumerable<Guid> ids,
        CancellationToken cancel
    )
    {
        var wanted = ids.ToArray();
        var purchases = await db
            .Purchases.FromSql(
                $"SELECT * FROM purchases WHERE id = ANY({wanted}) AND status = 'pending' ORDER BY id FOR NO KEY UPDATE"
            )
            .ToListAsync(cancel);
        var locked = purchases.Select(it => it.Id).ToArray();
        await db.CashbackTransactions.Where(it => locked.Contains(it.PurchaseId)).LoadAsync(cancel);
        return purchases;
    }
}
