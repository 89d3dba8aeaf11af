using ClickNBack.Api.Audit;
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
    private static readonly TimeSpan WhileInDispute = TimeSpan.FromDays(1);

    private TimeSpan Window => TimeSpan.FromDays(options.Value.ReportWindowDays);

    /// <inheritdoc/>
    public async Task<int> RunAsync(CancellationToken cancel) =>
        Math.Max(await MatchReportedAsync(cancel), await MatchClaimedAsync(cancel));

    /// <inheritdoc/>
    public async Task<TimeSpan> UntilNextAsync(CancellationToken cancel)
    {
        var claimed = await due.UntilNextAsync(cancel);
        var reported = due.Until(await MatchingQueries.NextReportedAsync(database, cancel));
        return claimed < reported ? claimed : reported;
    }

    private async Task<int> MatchReportedAsync(CancellationToken cancel)
    {
        var reported = await MatchingQueries.ClaimReportedAsync(database, time.GetUtcNow(), DuePurchases.Lease, cancel);
        if (reported.Count > 0)
        {
            await MatchEachAsync([.. reported.Distinct()], claimed: [], cancel);
        }

        return reported.Count;
    }

    private async Task<int> MatchClaimedAsync(CancellationToken cancel)
    {
        var claimed = await due.ClaimAsync(cancel);
        var wanted = claimed.Count == 0 ? [] : await due.WithoutSwitchedOffAsync(claimed, cancel);
        if (wanted.Count > 0)
        {
            await MatchEachAsync(wanted.ConvertAll(Order.Of), [.. wanted.Select(it => it.Id)], cancel);
        }

        return claimed.Count;
    }

    // One that cannot be matched must not hold up the others. It is tried again when its lease is over.
    private async Task MatchEachAsync(List<Order> orders, HashSet<Guid> claimed, CancellationToken cancel)
    {
        try
        {
            await MatchAsync(orders, claimed, cancel);
        }
        catch (Exception exception) when (orders.Count > 1 && !cancel.IsCancellationRequested)
        {
            logger.LogWarning(exception, "Matching {Count} orders together failed; trying one by one", orders.Count);
            foreach (var order in orders)
            {
                await MatchEachAsync([order], claimed, cancel);
            }
        }
        catch (Exception exception) when (!cancel.IsCancellationRequested)
        {
            metrics.Stuck();
            logger.LogError(
                exception,
                "Matching order {Order} of merchant {Merchant} failed; it is tried again",
                orders[0].Reference,
                orders[0].MerchantId
            );
        }
    }

    private async Task MatchAsync(List<Order> orders, HashSet<Guid> claimed, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var (known, reported, claimedNow) = await MatchingQueries.LockReportedAsync(transaction, orders, cancel);
        var (purchases, wallets) = await LockedPurchases.LockAllAsync(transaction, [.. known], cancel);
        var (earlier, openCases) = await MatchingQueries.ReadKnownAsync(transaction, orders, known, cancel);
        var switchedOff = await due.SwitchedOffAsync(purchases, cancel);

        var now = time.GetUtcNow();
        var resolution = new PurchaseResolution(now);
        var changes = new MatchingChanges(now);
        var purchaseOf = purchases.ToDictionary(Order.Of);
        var decided = new HashSet<Guid>();
        foreach (var it in reported.OrderBy(it => it.Said.ReportedAt).ThenBy(it => it.Id))
        {
            if (!purchaseOf.TryGetValue(it.Order, out var purchase))
            {
                if (claimedNow.Contains(it.Order))
                {
                    changes.Again(it.Id, now); // claimed meanwhile
                }
                else
                {
                    changes.Mark(it.Id, MatchState.Unclaimed);
                }
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

    private DateTimeOffset AfterInterval() => time.GetUtcNow() + TimeSpan.FromSeconds(options.Value.IntervalSeconds);
}
