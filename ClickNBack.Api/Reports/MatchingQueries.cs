using ClickNBack.Api.Persistence;
using ClickNBack.Api.Purchases;
using Npgsql;

namespace ClickNBack.Api.Reports;

/// <summary>An order, as merchants and users call it.</summary>
/// <param name="MerchantId">Whose.</param>
/// <param name="Reference">The purchase's <c>external_id</c>.</param>
internal sealed record Order(Guid MerchantId, string Reference)
{
    /// <summary>The order that a purchase claims.</summary>
    public static Order Of(Purchase purchase) => new(purchase.MerchantId, purchase.ExternalId);
}

/// <summary>A reported transaction that a round has locked.</summary>
internal sealed record Reported(Guid Id, Order Order, Said Said, string? Reason);

/// <summary>
/// What a round of matching asks. Whoever decides a purchase knows of it before it locks the reports of its order, and waits
/// for whoever holds one; and a report stays unclaimed only if its order is so after it was locked. So of two that look at one order at
/// once, one sees both sides.
/// </summary>
internal static class MatchingQueries
{
    // Rows that another process holds are its business.
    private static readonly string ClaimReported = $"""
        UPDATE reported_transactions SET due_at = $2
        WHERE id = ANY (ARRAY(
            SELECT id FROM reported_transactions
            WHERE state = 'new' AND due_at <= $1
            ORDER BY due_at
            LIMIT {IVerificationRound.BatchSize}
            FOR NO KEY UPDATE SKIP LOCKED
        ))
        RETURNING merchant_id, order_reference
        """;

    private const string NextReported = "SELECT min(due_at) FROM reported_transactions WHERE state = 'new'";

    private const string FindPurchases = """
        SELECT id, merchant_id, external_id FROM purchases
        WHERE (merchant_id, external_id) IN (SELECT * FROM unnest($1, $2))
        """;

    private const string LockReported = """
        SELECT id, merchant_id, order_reference, status, amount, currency, reported_at, reason FROM reported_transactions
        WHERE (merchant_id, order_reference) IN (SELECT * FROM unnest($1, $2)) AND state IN ('new', 'unclaimed')
        ORDER BY id
        FOR NO KEY UPDATE
        """;

    private const string FindEarlier = """
        SELECT merchant_id, order_reference, status, amount, currency, reported_at FROM reported_transactions
        WHERE (merchant_id, order_reference) IN (SELECT * FROM unnest($1, $2)) AND state IN ('settled', 'disputed')
        """;

    private const string FindOpenCases = """
        SELECT purchase_id, id FROM cases WHERE purchase_id = ANY ($1) AND decided_at IS NULL
        """;

    /// <summary>Claims new transactions that nobody holds, until the lease runs out; answers their orders.</summary>
    public static async Task<List<Order>> ClaimReportedAsync(
        NpgsqlDataSource database,
        DateTimeOffset now,
        TimeSpan lease,
        CancellationToken cancel
    )
    {
        await using var command = database.CreateCommand(ClaimReported);
        command.Parameters.AddValue(now).AddValue(now + lease);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAllAsync(row => ReadOrder(row, 0), cancel);
    }

    /// <summary>When the next new transaction may be taken; null if there is none.</summary>
    public static async Task<DateTimeOffset?> NextReportedAsync(NpgsqlDataSource database, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(NextReported);
        return await command.ExecuteScalarAsync(cancel) as DateTime?;
    }

    /// <summary>
    /// Locks what is reported of the orders and not settled; answers it, the purchases that were known before, and the orders
    /// that are claimed by now.
    /// </summary>
    public static async Task<(
        HashSet<Guid> Purchases,
        List<Reported> Reported,
        HashSet<Order> Claimed
    )> LockReportedAsync(NpgsqlTransaction transaction, List<Order> orders, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        batch.Add(FindPurchases, it => Add(it, orders));
        batch.Add(LockReported, it => Add(it, orders));
        batch.Add(FindPurchases, it => Add(it, orders));
        await using var reader = await batch.ExecuteReaderAsync(cancel);
        var before = await reader.ReadAllAsync(row => row.GetGuid(0), cancel);
        var reported = await reader.ReadAllAsync(
            row => new Reported(
                row.GetGuid(0),
                ReadOrder(row, 1),
                ReadSaid(row, 3),
                row.IsDBNull(7) ? null : row.GetString(7)
            ),
            cancel
        );
        var after = await reader.ReadAllAsync(row => ReadOrder(row, 1), cancel);
        return ([.. before], reported, [.. after]);
    }

    /// <summary>What was taken in of the orders before, and the open cases of the purchases.</summary>
    public static async Task<(ILookup<Order, Said> Earlier, Dictionary<Guid, Guid> OpenCases)> ReadKnownAsync(
        NpgsqlTransaction transaction,
        List<Order> orders,
        HashSet<Guid> purchases,
        CancellationToken cancel
    )
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        batch.Add(FindEarlier, it => Add(it, orders));
        batch.Add(FindOpenCases, it => it.AddValue(purchases.ToArray()));
        await using var reader = await batch.ExecuteReaderAsync(cancel);
        var earlier = await reader.ReadAllAsync(row => (Order: ReadOrder(row, 0), Said: ReadSaid(row, 2)), cancel);
        var cases = await reader.ReadAllAsync(row => (Purchase: row.GetGuid(0), Case: row.GetGuid(1)), cancel);
        return (earlier.ToLookup(it => it.Order, it => it.Said), cases.ToDictionary(it => it.Purchase, it => it.Case));
    }

    private static Order ReadOrder(NpgsqlDataReader row, int first) =>
        new(row.GetGuid(first), row.GetString(first + 1));

    private static Said ReadSaid(NpgsqlDataReader row, int first) =>
        new(
            row.GetChoice<TransactionStatus>(first),
            row.GetDecimal(first + 1),
            row.GetString(first + 2),
            row.GetFieldValue<DateTimeOffset>(first + 3)
        );

    private static NpgsqlParameterCollection Add(NpgsqlParameterCollection parameters, List<Order> orders) =>
        parameters
            .AddValue(orders.Select(it => it.MerchantId).ToArray())
            .AddValue(orders.Select(it => it.Reference).ToArray());
}
