using ClickNBack.Api.Audit;
using ClickNBack.Api.Payouts;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Purchases;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Ledger;

/// <summary>
/// The only place that moves money. Every movement is one balanced transaction tied to its audit row; the wallets' balances
/// follow in the database. Callers lock the wallets first and save together with the change of status.
/// </summary>
public sealed class GeneralLedger(ClickNBackDbContext db)
{
    /// <summary>
    /// Locks the wallets of the users until the end of the running database transaction, in an order that cannot deadlock,
    /// making those that do not exist.
    /// </summary>
    public async Task<IReadOnlyDictionary<Guid, LockedWallet>> LockWalletsAsync(
        IEnumerable<Guid> userIds,
        CancellationToken cancel
    )
    {
        // A function of the database: one round trip, and the API's role needs no right to write wallets.
        var ids = userIds.Distinct().ToArray();
        var wallets = await db.Wallets.FromSql($"SELECT * FROM lock_wallets({ids})").AsNoTracking().ToListAsync(cancel);
        return wallets.ToDictionary(wallet => wallet.UserId, wallet => new LockedWallet(wallet));
    }

    /// <summary>Locks one user's wallet.</summary>
    public async Task<LockedWallet> LockWalletAsync(Guid userId, CancellationToken cancel) =>
        (await LockWalletsAsync([userId], cancel))[userId];

    /// <summary>A purchase promises cashback: merchant → pending.</summary>
    public void Earn(Purchase purchase, LockedWallet wallet, AuditLog audit) =>
        Post(
            Movement.CashbackEarned,
            purchase,
            wallet,
            audit,
            (Account.MerchantReceivable, -purchase.CashbackAmount),
            (Account.UserPending, purchase.CashbackAmount)
        );

    /// <summary>The purchase is verified: pending → available, of which a debt is paid first.</summary>
    public void Confirm(Purchase purchase, LockedWallet wallet, AuditLog audit)
    {
        var cashback = purchase.CashbackAmount;
        var netted = Math.Min(cashback, wallet.Owed);
        Post(
            Movement.CashbackConfirmed,
            purchase,
            wallet,
            audit,
            (Account.UserPending, -cashback),
            (Account.UserAvailable, cashback - netted),
            (Account.UserDebt, netted)
        );
    }

    /// <summary>The purchase is not verified: pending → merchant.</summary>
    public void Reject(Purchase purchase, LockedWallet wallet, AuditLog audit) =>
        Post(
            Movement.CashbackRejected,
            purchase,
            wallet,
            audit,
            (Account.UserPending, -purchase.CashbackAmount),
            (Account.MerchantReceivable, purchase.CashbackAmount)
        );

    /// <summary>
    /// A purchase is taken back: its cashback leaves the balance it is in. What was withdrawn meanwhile becomes a debt
    /// (contract D4).
    /// </summary>
    /// <param name="purchase">The purchase, still with its cashback and status.</param>
    /// <param name="wallet">The wallet of who bought.</param>
    /// <param name="audit">The audit row of the reversal.</param>
    public void Reverse(Purchase purchase, LockedWallet wallet, AuditLog audit)
    {
        var cashback = purchase.CashbackAmount;
        if (purchase.Status == PurchaseStatus.Pending)
        {
            Post(
                Movement.CashbackReversed,
                purchase,
                wallet,
                audit,
                (Account.UserPending, -cashback),
                (Account.MerchantReceivable, cashback)
            );
            return;
        }

        var recovered = Math.Min(cashback, wallet.Available);
        Post(
            Movement.CashbackReversed,
            purchase,
            wallet,
            audit,
            (Account.UserAvailable, -recovered),
            (Account.UserDebt, recovered - cashback),
            (Account.MerchantReceivable, cashback)
        );
    }

    /// <summary>A payout is asked for: available → in transit. The available balance must suffice.</summary>
    public void Request(Payout payout, LockedWallet wallet, AuditLog audit) =>
        Post(
            Movement.PayoutRequested,
            payout,
            wallet,
            audit,
            (Account.UserAvailable, -payout.Amount),
            (Account.PayoutInTransit, payout.Amount)
        );

    /// <summary>A payout was paid: in transit → paid.</summary>
    public void Complete(Payout payout, LockedWallet wallet, AuditLog audit) =>
        Post(
            Movement.PayoutCompleted,
            payout,
            wallet,
            audit,
            (Account.PayoutInTransit, -payout.Amount),
            (Account.PaidOut, payout.Amount)
        );

    /// <summary>A payout failed: in transit → available, of which a debt is paid first.</summary>
    public void Fail(Payout payout, LockedWallet wallet, AuditLog audit)
    {
        var netted = Math.Min(payout.Amount, wallet.Owed);
        Post(
            Movement.PayoutFailed,
            payout,
            wallet,
            audit,
            (Account.PayoutInTransit, -payout.Amount),
            (Account.UserAvailable, payout.Amount - netted),
            (Account.UserDebt, netted)
        );
    }

    private void Post(
        Movement movement,
        Purchase purchase,
        LockedWallet wallet,
        AuditLog audit,
        params ReadOnlySpan<(Account, decimal)> entries
    ) => Post(movement, purchase.Id, null, purchase.MerchantId, wallet, audit, entries);

    private void Post(
        Movement movement,
        Payout payout,
        LockedWallet wallet,
        AuditLog audit,
        params ReadOnlySpan<(Account, decimal)> entries
    ) => Post(movement, null, payout.Id, null, wallet, audit, entries);

    private void Post(
        Movement movement,
        Guid? purchaseId,
        Guid? payoutId,
        Guid? merchantId,
        LockedWallet wallet,
        AuditLog audit,
        ReadOnlySpan<(Account Account, decimal Amount)> entries
    )
    {
        var transaction = new LedgerTransaction
        {
            Id = Guid.CreateVersion7(audit.OccurredAt),
            Movement = movement,
            PurchaseId = purchaseId,
            PayoutId = payoutId,
            AuditLogId = audit.Id,
            OccurredAt = audit.OccurredAt,
        };

        foreach (var (account, amount) in entries)
        {
            if (amount == 0)
            {
                continue;
            }

            var isMerchants = account == Account.MerchantReceivable;
            wallet.Apply(account, amount);
            transaction.Entries.Add(
                new LedgerEntry
                {
                    TransactionId = transaction.Id,
                    Account = account,
                    UserId = isMerchants ? null : wallet.UserId,
                    MerchantId = isMerchants ? merchantId : null,
                    Amount = amount,
                }
            );
        }

        if (transaction.Entries.Count > 0) // zero cashback moves nothing
        {
            db.LedgerTransactions.Add(transaction);
        }
    }
}
