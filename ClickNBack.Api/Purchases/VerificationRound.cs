using System.Collections.Concurrent;
using ClickNBack.Api.Audit;
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
    DuePurchases due,
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

    private const int ParallelVerifications = 16;

    private TimeSpan Interval => TimeSpan.FromSeconds(options.Value.IntervalSeconds);

    /// <inheritdoc/>
    public async Task<int> RunAsync(CancellationToken cancel)
    {
        var claimed = await due.ClaimAsync(cancel);
        if (claimed.Count == 0)
        {
            return 0;
        }

        var wanted = await due.WithoutSwitchedOffAsync(claimed, cancel);
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

    /// <inheritdoc/>
    public Task<TimeSpan> UntilNextAsync(CancellationToken cancel) => due.UntilNextAsync(cancel);

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
                    resolution.Reject(
                        purchase,
                        Actor.System,
                        $"Not verified in {purchase.VerificationFailures} attempts."
                    );
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
