using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Ledger;
using ClickNBack.Api.Money;
using ClickNBack.Api.Persistence;
using Npgsql;

namespace ClickNBack.Api.Purchases;

/// <summary>
/// Steps of purchases along their state machine (contract 3.3), collected and written together: one statement a table, however
/// many purchases. The caller has locked the purchases and the wallets, and commits.
/// </summary>
internal sealed class PurchaseResolution
{
    // Where money moves, the status follows from it in the database. Where there is none, it is set.
    private const string SetStatus = """
        UPDATE purchases SET status = step.status, resolved_at = $3
        FROM unnest($1, $2) AS step (id, status)
        WHERE purchases.id = step.id
        """;

    private const string CountFailures = """
        UPDATE purchases SET verification_failures = verification_failures + 1, next_verification_at = $2
        WHERE id = ANY ($1)
        """;

    private readonly DateTimeOffset _now;
    private readonly GeneralLedger _ledger = new();
    private readonly List<Purchase> _resolved = [];
    private readonly List<Guid> _failed = [];
    private DateTimeOffset _next;

    /// <summary>Steps that are all taken at one instant.</summary>
    public PurchaseResolution(DateTimeOffset now) => _now = now;

    /// <summary>Those whose status has changed.</summary>
    public IReadOnlyList<Purchase> Resolved => _resolved;

    /// <summary>The audit rows, to be logged once they are committed.</summary>
    public IReadOnlyList<AuditLog> AuditLogs => _ledger.AuditLogs;

    /// <summary>Pending → confirmed.</summary>
    public void Confirm(Purchase purchase, LockedWallet wallet, Actor actor)
    {
        Require(purchase, PurchaseStatus.Pending);
        var log = Audit(
            actor,
            AuditActions.PurchaseConfirmed,
            purchase,
            new
            {
                purchase.MerchantId,
                amount = Euro.Text(purchase.Amount),
                purchase.Currency,
                cashback_amount = Euro.Text(purchase.CashbackAmount),
            }
        );
        _ledger.Confirm(purchase, wallet, log);
        Leave(purchase, PurchaseStatus.Confirmed);
    }

    /// <summary>Pending → rejected, with the reason that the audit log keeps.</summary>
    public void Reject(Purchase purchase, Actor actor, string reason)
    {
        Require(purchase, PurchaseStatus.Pending);
        var log = Audit(
            actor,
            AuditActions.PurchaseRejected,
            purchase,
            new
            {
                purchase.MerchantId,
                amount = Euro.Text(purchase.Amount),
                purchase.Currency,
                reason,
            }
        );
        _ledger.Reject(purchase, log);
        Leave(purchase, PurchaseStatus.Rejected);
    }

    /// <summary>Pending or confirmed → reversed, with the reason that the audit log keeps, if there is one.</summary>
    public void Reverse(Purchase purchase, LockedWallet wallet, Actor actor, string? reason = null)
    {
        Require(purchase, PurchaseStatus.Pending, PurchaseStatus.Confirmed);
        var log = Audit(
            actor,
            AuditActions.PurchaseReversed,
            purchase,
            reason is null
                ? new { prior_status = Json.Name(purchase.Status) }
                : new { prior_status = Json.Name(purchase.Status), reason }
        );
        if (purchase.Status == PurchaseStatus.Pending)
        {
            _ledger.ReversePending(purchase, log);
        }
        else
        {
            _ledger.ReverseConfirmed(purchase, wallet, log);
        }

        Leave(purchase, PurchaseStatus.Reversed);
    }

    /// <summary>An attempt to verify a purchase has failed; the next one is due then.</summary>
    public void Fail(Purchase purchase, DateTimeOffset next)
    {
        purchase.VerificationFailures++;
        _failed.Add(purchase.Id);
        _next = next;
    }

    /// <summary>Writes all of it, in one round trip.</summary>
    public async Task SaveAsync(NpgsqlTransaction transaction, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        if (_failed.Count > 0)
        {
            batch.Add(CountFailures, it => it.AddValue(_failed.ToArray()).AddValue(_next));
        }

        if (_resolved.FindAll(it => it.CashbackAmount == 0) is { Count: > 0 } still)
        {
            batch.Add(
                SetStatus,
                it =>
                    it.AddValue(still.Select(purchase => purchase.Id).ToArray())
                        .AddValue(still.Select(purchase => Json.Name(purchase.Status)).ToArray())
                        .AddValue(_now)
            );
        }

        _ledger.AddTo(batch);
        if (batch.BatchCommands.Count > 0)
        {
            await batch.ExecuteNonQueryAsync(cancel);
        }
    }

    private AuditLog Audit(Actor actor, string action, Purchase purchase, object details) =>
        _ledger.Audit(AuditTrail.Row(_now, actor, action, "purchase", purchase.Id, details));

    private void Leave(Purchase purchase, PurchaseStatus status)
    {
        purchase.Status = status;
        purchase.ResolvedAt = _now;
        _resolved.Add(purchase);
    }

    private static void Require(Purchase purchase, params ReadOnlySpan<PurchaseStatus> statuses)
    {
        if (!statuses.Contains(purchase.Status))
        {
            throw new InvalidOperationException($"Purchase {purchase.Id} is {purchase.Status}.");
        }
    }
}
