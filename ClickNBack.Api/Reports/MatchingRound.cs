using ClickNBack.Api.Audit;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Purchases;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ClickNBack.Api.Reports;

/// <summary>
/// Matches what merchants report with what users claim, whichever came first. A round looks at transactions that are new,
/// then at purchases that are due; what it finds it locks in one order (transactions, purchases, wallets), decides by
/// <see cref="MatchingRules"/> and commits at once, so any number of processes may do so side by side. See docs/adr/0014.
/// </summary>
internal sealed class MatchingRound(
    DuePurchases due,
    NpgsqlDataSource database,
    IOptions<VerificationOptions> options,
    PurchaseMetrics metrics,
    AuditLogger audit,
    TimeProvider time,
    ILogger<MatchingRound> logger
) : IVerificationRound
{
    private const string Columns = "id, merchant_id, order_reference, status, amount, currency, reported_at, reason";

    // One that another process holds is that one's business.
    private static readonly string LockNew = $"""
        SELECT {Columns} FROM reported_transactions
        WHERE state = 'new' AND due_at <= $1
        ORDER BY due_at
        LIMIT {IVerificationRound.BatchSize}
        FOR UPDATE SKIP LOCKED
        """;

    private const string LockOne = $"""
        SELECT {Columns} FROM reported_transactions WHERE id = $1 AND state = 'new' FOR UPDATE SKIP LOCKED
        """;

    // Waits for a process that holds one: it may have looked before the purchase was there.
    private const string LockOfOrders = $"""
        SELECT {Columns} FROM reported_transactions
        WHERE (merchant_id, order_reference) IN (SELECT * FROM unnest($1, $2)) AND state IN ('new', 'unclaimed')
        ORDER BY id
        FOR UPDATE
        """;

    private const string FindPurchases = """
        SELECT id FROM purchases WHERE (merchant_id, external_id) IN (SELECT * FROM unnest($1, $2))
        """;

    // What was reported before there was a claim. One that another process holds it decides itself.
    private const string LockUnclaimed = $"""
        SELECT {Columns} FROM reported_transactions
        WHERE state = 'unclaimed' AND (merchant_id, order_reference) IN (
            SELECT merchant_id, external_id FROM purchases
            WHERE (merchant_id, external_id) IN (SELECT * FROM unnest($1, $2)))
        FOR UPDATE SKIP LOCKED
        """;

    private const string FindEarlier = """
        SELECT merchant_id, order_reference, status, amount, currency, reported_at FROM reported_transactions
        WHERE (merchant_id, order_reference) IN (SELECT * FROM unnest($1, $2)) AND state IN ('settled', 'disputed')
        """;

    private const string FindOpenCases = """
        SELECT purchase_id, id FROM cases WHERE purchase_id = ANY ($1) AND decided_at IS NULL
        """;

    private static readonly TimeSpan WhileInDispute = TimeSpan.FromDays(1);

    private TimeSpan Window => TimeSpan.FromDays(options.Value.ReportWindowDays);

    private sealed record Order(Guid MerchantId, string Reference);

    private sealed record Reported(Guid Id, Order Order, Said Said, string? Reason);

    /// <inheritdoc/>
    public async Task<int> RunAsync(CancellationToken cancel) =>
        Math.Max(await MatchReportedAsync(cancel), await MatchClaimedAsync(cancel));

    /// <inheritdoc/>
    public async Task<TimeSpan> UntilNextAsync(CancellationToken cancel)
    {
        var claimed = await due.UntilNextAsync(cancel);
        await using var command = database.CreateCommand(
            "SELECT min(due_at) FROM reported_transactions WHERE state = 'new'"
        );
        var next = await command.ExecuteScalarAsync(cancel) as DateTime?;
        var reported = due.Until(next);
        return claimed < reported ? claimed : reported;
    }

    private async Task<int> MatchReportedAsync(CancellationToken cancel)
    {
        Guid[] found = [];
        try
        {
            await MatchAsync(
                async batch =>
                {
                    batch.Add(LockNew, it => it.AddValue(time.GetUtcNow()));
                    var reported = await ReadAsync(batch, cancel);
                    found = [.. reported.Select(it => it.Id)];
                    return reported;
                },
                [],
                cancel
            );
        }
        catch (Exception exception) when (found.Length > 0 && !cancel.IsCancellationRequested)
        {
            // One that cannot be matched must not hold up the others.
            logger.LogWarning(
                exception,
                "Matching {Count} transactions together failed; trying one by one",
                found.Length
            );
            foreach (var id in found)
            {
                await MatchOneAsync(id, cancel);
            }
        }

        return found.Length;
    }

    private async Task MatchOneAsync(Guid id, CancellationToken cancel)
    {
        try
        {
            await MatchAsync(batch => ReadAsync(batch.Add(LockOne, it => it.AddValue(id)), cancel), [], cancel);
        }
        catch (Exception exception) when (!cancel.IsCancellationRequested)
        {
            metrics.Stuck();
            logger.LogError(exception, "Matching transaction {Transaction} failed; it is tried again", id);
            await using var later = database.CreateCommand(
                "UPDATE reported_transactions SET due_at = $2 WHERE id = $1 AND state = 'new'"
            );
            later.Parameters.AddValue(id).AddValue(AfterInterval());
            await later.ExecuteNonQueryAsync(cancel);
        }
    }

    private async Task<int> MatchClaimedAsync(CancellationToken cancel)
    {
        var claimed = await due.ClaimAsync(cancel);
        var wanted = claimed.Count == 0 ? [] : await due.WithoutSwitchedOffAsync(claimed, cancel);
        if (wanted.Count > 0)
        {
            await MatchClaimedAsync(wanted, cancel);
        }

        return claimed.Count;
    }

    private async Task MatchClaimedAsync(List<Purchase> claimed, CancellationToken cancel)
    {
        try
        {
            var orders = claimed.ConvertAll(OrderOf);
            await MatchAsync(
                batch => ReadAsync(batch.Add(LockOfOrders, it => Add(it, orders)), cancel),
                [.. claimed.Select(it => it.Id)],
                cancel
            );
        }
        catch (Exception exception) when (claimed.Count > 1 && !cancel.IsCancellationRequested)
        {
            logger.LogWarning(
                exception,
                "Matching {Count} purchases together failed; trying one by one",
                claimed.Count
            );
            foreach (var purchase in claimed)
            {
                await MatchClaimedAsync([purchase], cancel);
            }
        }
        catch (Exception exception) when (!cancel.IsCancellationRequested)
        {
            metrics.Stuck();
            logger.LogError(exception, "Matching purchase {Purchase} failed; it is tried again", claimed[0].Id);
        }
    }

    private async Task MatchAsync(
        Func<NpgsqlBatch, Task<List<Reported>>> lockReported,
        HashSet<Guid> claimed,
        CancellationToken cancel
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        List<Reported> reported;
        await using (var batch = new NpgsqlBatch(connection, transaction))
        {
            reported = await lockReported(batch);
        }

        if (reported.Count == 0 && claimed.Count == 0)
        {
            return;
        }

        var orders = reported.Select(it => it.Order).Distinct().ToList();
        var (ids, unclaimed) = await FindClaimedAsync(transaction, orders, cancel);
        ids.UnionWith(claimed);
        reported = [.. reported.Concat(unclaimed).DistinctBy(it => it.Id)];
        var (purchases, wallets) = await LockedPurchases.LockAllAsync(transaction, [.. ids], cancel);
        var (earlier, openCases) = await ReadKnownAsync(transaction, orders, ids, cancel);
        var switchedOff = await due.SwitchedOffAsync(purchases, cancel);

        var now = time.GetUtcNow();
        var resolution = new PurchaseResolution(now);
        var changes = new MatchingChanges(now);
        var purchaseOf = purchases.ToDictionary(OrderOf);
        var decided = new HashSet<Guid>();
        foreach (var it in reported.OrderBy(it => it.Said.ReportedAt).ThenBy(it => it.Id))
        {
            if (!purchaseOf.TryGetValue(it.Order, out var purchase))
            {
                changes.Mark(it.Id, MatchState.Unclaimed);
            }
            else if (decided.Contains(purchase.Id))
            {
                changes.Again(it.Id, now); // a purchase takes one step a round
            }
            else if (openCases.TryGetValue(purchase.Id, out var open))
            {
                changes.Mark(it.Id, MatchState.Disputed, open);
            }
            else if (switchedOff.Contains(purchase.Id))
            {
                changes.Again(it.Id, AfterInterval());
            }
            else
            {
                Apply(
                    MatchingRules.Decide(purchase.Status, purchase.Amount, it.Said, [.. earlier[it.Order]]),
                    it,
                    purchase
                );
            }
        }

        foreach (var purchase in purchases.Where(it => claimed.Contains(it.Id) && it.Status == PurchaseStatus.Pending))
        {
            if (openCases.ContainsKey(purchase.Id))
            {
                changes.LookAgain(purchase.Id, now + WhileInDispute);
            }
            else if (now >= purchase.CreatedAt + Window)
            {
                resolution.Reject(
                    purchase,
                    Actor.System,
                    $"Not reported within {options.Value.ReportWindowDays} days."
                );
            }
            else
            {
                changes.LookAgain(purchase.Id, purchase.CreatedAt + Window);
            }
        }

        await resolution.SaveAsync(transaction, cancel);
        await changes.SaveAsync(transaction, cancel);
        await transaction.CommitAsync(cancel);

        audit.Log(resolution.AuditLogs);
        foreach (var purchase in resolution.Resolved)
        {
            metrics.Resolved(purchase);
        }

        void Apply(MatchOutcome outcome, Reported it, Purchase purchase)
        {
            var wallet = wallets[purchase.UserId];
            switch (outcome)
            {
                case MatchOutcome.Confirm:
                    resolution.Confirm(purchase, wallet, Actor.System);
                    break;
                case MatchOutcome.Reject:
                    resolution.Reject(purchase, Actor.System, it.Reason ?? "Declined by the merchant.");
                    break;
                case MatchOutcome.Reverse:
                    resolution.Reverse(purchase, wallet, Actor.System, it.Reason ?? "Returned to the merchant.");
                    break;
                case MatchOutcome.DisputeAmount or MatchOutcome.DisputeStatus:
                    var kind =
                        outcome == MatchOutcome.DisputeAmount ? CaseKind.AmountDiffers : CaseKind.ContradictingReports;
                    openCases[purchase.Id] = changes.Open(kind, purchase.Id);
                    changes.Mark(it.Id, MatchState.Disputed, openCases[purchase.Id]);
                    return;
                default:
                    changes.Mark(it.Id, MatchState.Settled);
                    return;
            }

            decided.Add(purchase.Id);
            changes.Mark(it.Id, MatchState.Settled);
        }
    }

    private static async Task<(HashSet<Guid> Purchases, List<Reported> Unclaimed)> FindClaimedAsync(
        NpgsqlTransaction transaction,
        List<Order> orders,
        CancellationToken cancel
    )
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        batch.Add(FindPurchases, it => Add(it, orders));
        batch.Add(LockUnclaimed, it => Add(it, orders));
        await using var reader = await batch.ExecuteReaderAsync(cancel);
        var purchases = await reader.ReadAllAsync(row => row.GetGuid(0), cancel);
        return ([.. purchases], await reader.ReadAllAsync(Read, cancel));
    }

    private static async Task<(ILookup<Order, Said> Earlier, Dictionary<Guid, Guid> OpenCases)> ReadKnownAsync(
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
        var earlier = await reader.ReadAllAsync(
            row => (Order: new Order(row.GetGuid(0), row.GetString(1)), Said: ReadSaid(row, 2)),
            cancel
        );
        var cases = await reader.ReadAllAsync(row => (Purchase: row.GetGuid(0), Case: row.GetGuid(1)), cancel);
        return (earlier.ToLookup(it => it.Order, it => it.Said), cases.ToDictionary(it => it.Purchase, it => it.Case));
    }

    private static async Task<List<Reported>> ReadAsync(NpgsqlBatch batch, CancellationToken cancel)
    {
        await using var reader = await batch.ExecuteReaderAsync(cancel);
        return await reader.ReadAllAsync(Read, cancel);
    }

    private static Reported Read(NpgsqlDataReader row) =>
        new(
            row.GetGuid(0),
            new Order(row.GetGuid(1), row.GetString(2)),
            ReadSaid(row, 3),
            row.IsDBNull(7) ? null : row.GetString(7)
        );

    private static Said ReadSaid(NpgsqlDataReader row, int first) =>
        new(
            row.GetChoice<TransactionStatus>(first),
            row.GetDecimal(first + 1),
            row.GetString(first + 2),
            row.GetFieldValue<DateTimeOffset>(first + 3)
        );

    private static Order OrderOf(Purchase purchase) => new(purchase.MerchantId, purchase.ExternalId);

    private static NpgsqlParameterCollection Add(NpgsqlParameterCollection parameters, List<Order> orders) =>
        parameters
            .AddValue(orders.Select(it => it.MerchantId).ToArray())
            .AddValue(orders.Select(it => it.Reference).ToArray());

    private DateTimeOffset AfterInterval() => time.GetUtcNow() + TimeSpan.FromSeconds(options.Value.IntervalSeconds);
}
