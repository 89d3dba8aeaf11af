using System.Collections.Concurrent;
using ClickNBack.Api.Audit;
using ClickNBack.Api.FeatureFlags;
using ClickNBack.Api.Persistence;
using Microsoft.Extensions.Options;
using Npgsql;
using Polly;

namespace ClickNBack.Api.Purchases;

/// <summary>
/// Takes a batch of due purchases through verification in three steps, of which each commits by itself: claim, verify,
/// resolve. Any number of processes may run rounds side by side, and each may die at any point:
/// a claim is a lease that runs out, the verifier is asked outside any transaction, and a resolution happens only to a
/// purchase that is still pending and locked. See docs/adr/0004.
/// </summary>
internal sealed class VerificationRound(
    NpgsqlDataSource database,
    IPurchaseVerifier verifier,
    [FromKeyedServices(VerificationRound.PipelineName)] ResiliencePipeline pipeline,
    IOptions<VerificationOptions> options,
    PurchaseMetrics metrics,
    AuditLogger audit,
    TimeProvider time,
    ILogger<VerificationRound> logger
) : IVerificationRound
{
    /// <summary>The resilience pipeline around the verifier.</summary>
    public const string PipelineName = "purchase-verifier";

    /// <summary>How long a claim keeps other processes away; longer than a round takes.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    private const int ParallelVerifications = 16;

    private static readonly TimeSpan HeldElsewhere = TimeSpan.FromMilliseconds(100);

    private TimeSpan Interval => TimeSpan.FromSeconds(options.Value.IntervalSeconds);

    /// <summary>Runs one round; answers how many purchases were due.</summary>
    public async Task<int> RunAsync(CancellationToken cancel)
    {
        var claimed = await ClaimAsync(cancel);
        if (claimed.Count == 0)
        {
            return 0;
        }

        var wanted = await WithoutSwitchedOffAsync(claimed, cancel);
        if (wanted.Count == 0)
        {
            return claimed.Count;
        }

        var verified = new ConcurrentDictionary<Guid, bool>();
        await Parallel.ForEachAsync(
            wanted,
            new ParallelOptions { MaxDegreeOfParallelism = ParallelVerifications, CancellationToken = cancel },
            async (purchase, token) => verified[purchase.Id] = await VerifyAsync(purchase, token)
        );

        var attempts = wanted.ConvertAll(it => new Attempt(it.Id, it.VerificationFailures, verified[it.Id]));
        await ResolveAsync(attempts, cancel);
        return claimed.Count;
    }

    /// <summary>
    /// How long until a purchase is due, at most the interval. One that is due is held by somebody else, who is given some
    /// time.
    /// </summary>
    public async Task<TimeSpan> UntilNextAsync(CancellationToken cancel)
    {
        await using var command = database.CreateCommand(
            "SELECT min(next_verification_at) FROM purchases WHERE status = 'pending'"
        );
        var next = await command.ExecuteScalarAsync(cancel) is DateTime instant
            ? new DateTimeOffset(instant)
            : (DateTimeOffset?)null;
        var now = time.GetUtcNow();
        return TimeSpan.FromTicks(Math.Clamp((next - now ?? Interval).Ticks, HeldElsewhere.Ticks, Interval.Ticks));
    }

    private async Task<List<Purchase>> ClaimAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();

        // The order is that of recording: a purchase is due from then on. Rows that another process holds are skipped.
        await using var command = database.CreateCommand(
            $"""
            WITH due AS (
                SELECT id FROM purchases
                WHERE status = 'pending' AND next_verification_at <= $1
                ORDER BY next_verification_at
                LIMIT {IVerificationRound.BatchSize}
                FOR NO KEY UPDATE SKIP LOCKED
            )
            UPDATE purchases SET next_verification_at = $2
            FROM due WHERE purchases.id = due.id
            RETURNING {LockedPurchases.Columns}
            """
        );
        command.Parameters.AddValue(now).AddValue(now + Lease);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAllAsync(LockedPurchases.Read, cancel);
    }

    // The flag must be on for the user and for the merchant; else the purchase waits for an administrator, and is looked at
    // again after the interval.
    private async Task<List<Purchase>> WithoutSwitchedOffAsync(List<Purchase> claimed, CancellationToken cancel)
    {
        var flags = await FlagRecords.LoadAsync(
            database,
            FlagKeys.PurchaseAutoConfirm,
            claimed.SelectMany(it => new[] { it.UserId, it.MerchantId }),
            cancel
        );
        var isOn = claimed.ToLookup(it =>
            flags.IsEnabled(FlagScope.User, it.UserId) && flags.IsEnabled(FlagScope.Merchant, it.MerchantId)
        );

        var off = isOn[false].Select(it => it.Id).ToArray();
        if (off.Length > 0)
        {
            await using var command = database.CreateCommand(
                "UPDATE purchases SET next_verification_at = $2 WHERE id = ANY ($1) AND status = 'pending'"
            );
            command.Parameters.AddValue(off).AddValue(time.GetUtcNow() + Interval);
            await command.ExecuteNonQueryAsync(cancel);
        }

        return [.. isOn[true]];
    }

    private async Task<bool> VerifyAsync(Purchase purchase, CancellationToken cancel)
    {
        try
        {
            return await pipeline.ExecuteAsync(token => verifier.VerifyAsync(purchase, token), cancel);
        }
        catch (Exception exception) when (!cancel.IsCancellationRequested)
        {
            logger.LogWarning(
                exception,
                "Verifying purchase {Purchase} failed; it counts as a soft failure",
                purchase.Id
            );
            return false;
        }
    }

    private sealed record Attempt(Guid Id, int FailuresBefore, bool Verified);

    private async Task ResolveAsync(List<Attempt> attempts, CancellationToken cancel)
    {
        try
        {
            await ResolveTogetherAsync(attempts, cancel);
        }
        catch (Exception exception) when (attempts.Count > 1 && !cancel.IsCancellationRequested)
        {
            // One purchase that cannot be resolved must not hold up the others.
            logger.LogWarning(
                exception,
                "Resolving {Count} purchases together failed; trying one by one",
                attempts.Count
            );
            foreach (var attempt in attempts)
            {
                await ResolveAsync([attempt], cancel);
            }
        }
        catch (Exception exception) when (!cancel.IsCancellationRequested)
        {
            metrics.Stuck();
            logger.LogError(exception, "Resolving purchase {Purchase} failed; it is tried again", attempts[0].Id);
        }
    }

    private async Task ResolveTogetherAsync(List<Attempt> attempts, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var attemptOf = attempts.ToDictionary(it => it.Id);
        var (pending, wallets) = await LockedPurchases.LockPendingAsync(transaction, [.. attemptOf.Keys], cancel);
        var now = time.GetUtcNow();
        var resolution = new PurchaseResolution(now);
        foreach (var purchase in pending)
        {
            var attempt = attemptOf[purchase.Id];
            if (attempt.Verified)
            {
                resolution.Confirm(purchase, wallets[purchase.UserId], Actor.System);
            }
            else if (purchase.VerificationFailures == attempt.FailuresBefore) // else another process has counted this one
            {
                resolution.Fail(purchase, now + Interval);
                if (purchase.VerificationFailures >= options.Value.MaxAttempts)
                {
                    resolution.Reject(purchase, $"Not verified in {purchase.VerificationFailures} attempts.");
                }
            }
        }

        await resolution.SaveAsync(transaction, cancel);
        await transaction.CommitAsync(cancel);

        audit.Log(resolution.AuditLogs);
        foreach (var purchase in resolution.Resolved)
        {
            metrics.Resolved(purchase);
        }
    }
}
