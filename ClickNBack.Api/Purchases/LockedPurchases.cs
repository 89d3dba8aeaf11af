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

    /// <summary>
    /// Locks one purchase, whatever its status, and its buyer's wallet until the end of the transaction, in one round trip.
    /// </summary>
    public static async Task<(Purchase Purchase, LockedWallet Wallet)?> LockAsync(
        NpgsqlTransaction transaction,
        Guid id,
        CancellationToken cancel
    )
    {
        var locked = await LockAsync(transaction, [id], "", cancel);
        return locked.Purchases is [var purchase] ? (purchase, locked.Wallets[purchase.UserId]) : null;
    }

    /// <summary>
    /// The same of those that are still pending, in an order that cannot deadlock. Waits for whoever holds one: most often a
    /// process that looked for due purchases at the same moment, and lets go without having changed anything. To pass over
    /// it would leave the purchase alone until its lease is over.
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

    // The second statement sees what the first has waited for.
    private static async Task<LockedPurchases> LockAsync(
        NpgsqlTransaction transaction,
        Guid[] ids,
        string condition,
        CancellationToken cancel
    )
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
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
