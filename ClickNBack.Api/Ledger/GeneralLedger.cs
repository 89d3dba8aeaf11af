using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Npgsql;

namespace ClickNBack.Api.Ledger;

/// <summary>
/// The only place that moves money: movements and their audit rows, collected here and written together. What follows from
/// them (wallets, cap usages, where purchases and payouts stand) the database does in the same statement. Callers lock the
/// wallets first, except to earn.
/// </summary>
internal sealed class GeneralLedger
{
    private const string InsertTransfers = """
        INSERT INTO transfers (movement, from_account, to_account, amount, user_id, merchant_id, purchase_id, payout_id,
                               audit_log_id, occurred_at)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """;

    private readonly List<AuditLog> _audit = [];
    private readonly List<Transfer> _transfers = [];

    /// <summary>The audit rows of the movements, to be logged once they are committed.</summary>
    public IReadOnlyList<AuditLog> AuditLogs => _audit;

    /// <summary>Adds an audit row that is written with the movements, before them.</summary>
    public AuditLog Audit(AuditLog log)
    {
        _audit.Add(log);
        return log;
    }

    /// <summary>Adds the statements that write all of it: one a table.</summary>
    public void AddTo(NpgsqlBatch batch)
    {
        if (_audit.Count > 0)
        {
            batch.BatchCommands.Add(AuditTrail.Insert(_audit));
        }

        if (_transfers.Count > 0)
        {
            var command = new NpgsqlBatchCommand(InsertTransfers);
            command
                .Parameters.AddColumn(_transfers, it => Json.Name(it.Movement))
                .AddColumn(_transfers, it => Json.Name(it.From))
                .AddColumn(_transfers, it => Json.Name(it.To))
                .AddColumn(_transfers, it => it.Amount)
                .AddColumn(_transfers, it => it.UserId)
                .AddColumn(_transfers, it => it.MerchantId)
                .AddColumn(_transfers, it => it.PurchaseId)
                .AddColumn(_transfers, it => it.PayoutId)
                .AddColumn(_transfers, it => it.AuditLogId)
                .AddColumn(_transfers, it => it.OccurredAt);
            batch.BatchCommands.Add(command);
        }
    }

    /// <summary>A purchase promises cashback: merchant → pending.</summary>
    public void Earn(ICashback purchase, AuditLog audit) =>
        Move(Movement.CashbackEarned, Account.MerchantReceivable, Account.UserPending, purchase, audit);

    /// <summary>The purchase is verified: pending → available, of which a debt is paid first.</summary>
    public void Confirm(ICashback purchase, LockedWallet wallet, AuditLog audit)
    {
        wallet.Available += purchase.CashbackAmount;
        Move(Movement.CashbackConfirmed, Account.UserPending, Account.UserAvailable, purchase, audit);
        Net(wallet, Of(purchase, audit));
    }

    /// <summary>The purchase is not verified: pending → merchant.</summary>
    public void Reject(ICashback purchase, AuditLog audit) =>
        Move(Movement.CashbackRejected, Account.UserPending, Account.MerchantReceivable, purchase, audit);

    /// <summary>A purchase is reversed before it was verified: pending → merchant.</summary>
    public void ReversePending(ICashback purchase, AuditLog audit) =>
        Move(Movement.CashbackReversed, Account.UserPending, Account.MerchantReceivable, purchase, audit);

    /// <summary>
    /// A purchase is reversed after it was verified: available → merchant. What was withdrawn meanwhile becomes a debt
    /// (contract D4).
    /// </summary>
    public void ReverseConfirmed(ICashback purchase, LockedWallet wallet, AuditLog audit)
    {
        var missing = Math.Max(0, purchase.CashbackAmount - wallet.Available);
        wallet.Available += missing - purchase.CashbackAmount;
        wallet.Owed += missing;
        Move(Movement.DebtIncurred, Account.UserDebt, Account.UserAvailable, missing, Of(purchase, audit));
        Move(Movement.CashbackReversed, Account.UserAvailable, Account.MerchantReceivable, purchase, audit);
    }

    /// <summary>A payout is asked for: available → in transit. The available balance must suffice.</summary>
    public void Request(IWithdrawal payout, AuditLog audit) =>
        Move(
            Movement.PayoutRequested,
            Account.UserAvailable,
            Account.PayoutInTransit,
            payout.Amount,
            Of(payout, audit)
        );

    /// <summary>A payout was paid: in transit → paid.</summary>
    public void Complete(IWithdrawal payout, AuditLog audit) =>
        Move(Movement.PayoutCompleted, Account.PayoutInTransit, Account.PaidOut, payout.Amount, Of(payout, audit));

    /// <summary>A payout failed: in transit → available, of which a debt is paid first.</summary>
    public void Fail(IWithdrawal payout, LockedWallet wallet, AuditLog audit)
    {
        wallet.Available += payout.Amount;
        Move(Movement.PayoutFailed, Account.PayoutInTransit, Account.UserAvailable, payout.Amount, Of(payout, audit));
        Net(wallet, Of(payout, audit));
    }

    private void Net(LockedWallet wallet, Subject subject)
    {
        var netted = Math.Min(wallet.Available, wallet.Owed);
        wallet.Available -= netted;
        wallet.Owed -= netted;
        Move(Movement.DebtNetted, Account.UserAvailable, Account.UserDebt, netted, subject);
    }

    private void Move(Movement movement, Account from, Account to, ICashback purchase, AuditLog audit) =>
        Move(movement, from, to, purchase.CashbackAmount, Of(purchase, audit));

    private void Move(Movement movement, Account from, Account to, decimal amount, Subject subject)
    {
        if (amount != 0) // zero cashback moves nothing
        {
            var (userId, merchantId, purchaseId, payoutId, audit) = subject;
            _transfers.Add(
                new(movement, from, to, amount, userId, merchantId, purchaseId, payoutId, audit.Id, audit.OccurredAt)
            );
        }
    }

    private sealed record Subject(Guid UserId, Guid? MerchantId, Guid? PurchaseId, Guid? PayoutId, AuditLog Audit);

    private static Subject Of(ICashback purchase, AuditLog audit) =>
        new(purchase.UserId, purchase.MerchantId, purchase.Id, null, audit);

    private static Subject Of(IWithdrawal payout, AuditLog audit) => new(payout.UserId, null, null, payout.Id, audit);
}
