using ClickNBack.Api.Ledger;
using ClickNBack.Api.Persistence;
using Npgsql;

namespace ClickNBack.Api.Purchases;

/// <summary>Purchases whose rows this transaction has locked, and then the wallets of who bought.</summary>
/// <param name="Purchases">By identifier.</param>
/// <param name="Wallets">By user.</param>
internal sealed record LockedPurchases(List<Purchase> Purchases, IReadOnlyDictionary<Guid, LockedWallet> Wallets)
{
    /// <summary>The columns that <see cref="Read"/> reads.</summary>
    internal const string Columns = """
        purchases.id, external_id, user_id, merchant_id, offer_id, amount, cashback_amount, status, created_at,
        verification_failures, next_verification_at
        """;

    // Waits for a process that holds one: it may have looked before the purchase was there.
    private const string LookAtReports = """
        UPDATE reported_transactions SET state = 'new', due_at = $2
        WHERE id = ANY (ARRAY(
            SELECT reported.id FROM reported_transactions AS reported
            JOIN purchases ON purchases.merchant_id = reported.merchant_id AND external_id = order_reference
            WHERE purchases.id = $1 AND state IN ('new', 'unclaimed')
            ORDER BY reported.id
            FOR NO KEY UPDATE OF reported
        )) AND state IN ('new', 'unclaimed')
        """;

    /// <summary>
    /// Locks one purchase, whatever its status, and its buyer's wallet until the end of the transaction, in one round trip, for
    /// an administrator who decides it. The job may not have looked at what is reported of the order: it does so afterwards.
    /// </summary>
    public static async Task<(Purchase Purchase, LockedWallet Wallet)?> LockForDecisionAsync(
        NpgsqlTransaction transaction,
        Guid id,
        DateTimeOffset now,
        CancellationToken cancel
    )
    {
        var lookAtReports = new NpgsqlBatchCommand(LookAtReports);
        lookAtReports.Parameters.AddValue(id).AddValue(now);
        var locked = await LockAsync(transaction, [id], "", cancel, lookAtReports);
        return locked.Purchases is [var purchase] ? (purchase, locked.Wallets[purchase.UserId]) : null;
    }

    /// <summary>
    /// Locks those that are still pending, and their buyers' wallets, in an order that cannot deadlock. Waits for whoever holds
    /// one: most often a process that looked for due purchases at the same moment, and lets go without having changed
    /// anything. To pass over it would leave the purchase alone until its lease is over.
    /// </summary>
    public static Task<LockedPurchases> LockPendingAsync(
        NpgsqlTransaction transaction,
        Guid[] ids,
        CancellationToken cancel
    ) => LockAsync(transaction, ids, "AND status = 'pending'", cancel);

    /// <summary>The same of all of them, whatever their status.</summary>
    public static Task<LockedPurchases> LockAllAsync(
        NpgsqlTransaction transaction,
        Guid[] ids,
        CancellationToken cancel
    ) => LockAsync(transaction, ids, "", cancel);

    internal static Purchase Read(NpgsqlDataReader row) =>
        new()
        {
            Id = row.GetGuid(0),
            ExternalId = row.GetString(1),
            UserId = row.GetGuid(2),
            MerchantId = row.GetGuid(3),
            OfferId = row.GetGuid(4),
            Amount = row.GetDecimal(5),
            CashbackAmount = row.GetDecimal(6),
            Status = row.GetChoice<PurchaseStatus>(7),
            CreatedAt = row.GetFieldValue<DateTimeOffset>(8),
            VerificationFailures = row.GetInt32(9),
            NextVerificationAt = row.GetFieldValue<DateTimeOffset>(10),
        };

    // Each statement sees what those before it have waited for.
    private static async Task<LockedPurchases> LockAsync(
        NpgsqlTransaction transaction,
        Guid[] ids,
        string condition,
        CancellationToken cancel,
        params IEnumerable<NpgsqlBatchCommand> before
    )
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        foreach (var command in before)
        {
            batch.BatchCommands.Add(command);
        }

        batch.Add(
            $"SELECT {Columns} FROM purchases WHERE id = ANY ($1) {condition} ORDER BY id FOR NO KEY UPDATE",
            it => it.AddValue(ids)
        );
        batch.BatchCommands.Add(
            LockedWallet.Lock(
                $"ARRAY(SELECT DISTINCT user_id FROM purchases WHERE id = ANY ($1) {condition})",
                it => it.AddValue(ids)
            )
        );
        await using var reader = await batch.ExecuteReaderAsync(cancel);
        var purchases = await reader.ReadAllAsync(Read, cancel);
        var wallets = await reader.ReadAllAsync(LockedWallet.Read, cancel);
        return new(purchases, wallets.ToDictionary(it => it.UserId));
    }
}
