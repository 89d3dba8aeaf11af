using ClickNBack.Api.FeatureFlags;
using ClickNBack.Api.Persistence;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ClickNBack.Api.Purchases;

/// <summary>
/// The queue of the verification job: pending purchases, each due at its instant. Whoever claims some has a lease on them; it
/// runs out by itself, so a process that dies loses it by doing nothing. See docs/adr/0004.
/// </summary>
internal sealed class DuePurchases(NpgsqlDataSource database, IOptions<VerificationOptions> options, TimeProvider time)
{
    /// <summary>How long a claim keeps other processes away; longer than a round takes.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan HeldElsewhere = TimeSpan.FromMilliseconds(100);

    private TimeSpan Interval => TimeSpan.FromSeconds(options.Value.IntervalSeconds);

    /// <summary>Claims a batch of those that are due and that nobody holds.</summary>
    public async Task<List<Purchase>> ClaimAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();

        // The order is that of recording: a purchase is due from then on. Rows that another process holds are skipped.
        // An array, not a join: for a join PostgreSQL may read the whole table.
        await using var command = database.CreateCommand(
            $"""
            UPDATE purchases SET next_verification_at = $2
            WHERE id = ANY (ARRAY(
                SELECT id FROM purchases
                WHERE status = 'pending' AND next_verification_at <= $1
                ORDER BY next_verification_at
                LIMIT {IVerificationRound.BatchSize}
                FOR NO KEY UPDATE SKIP LOCKED
            ))
            RETURNING {LockedPurchases.Columns}
            """
        );
        command.Parameters.AddValue(now).AddValue(now + Lease);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAllAsync(LockedPurchases.Read, cancel);
    }

    /// <summary>
    /// Those of the claimed that the job may decide: the flag must be on for the user and for the merchant. Else the purchase
    /// waits for an administrator, and is looked at again after the interval.
    /// </summary>
    public async Task<List<Purchase>> WithoutSwitchedOffAsync(List<Purchase> claimed, CancellationToken cancel)
    {
        var switchedOff = await SwitchedOffAsync(claimed, cancel);
        if (switchedOff.Count > 0)
        {
            await using var command = database.CreateCommand(
                "UPDATE purchases SET next_verification_at = $2 WHERE id = ANY ($1) AND status = 'pending'"
            );
            command.Parameters.AddValue(switchedOff.ToArray()).AddValue(time.GetUtcNow() + Interval);
            await command.ExecuteNonQueryAsync(cancel);
        }

        return claimed.FindAll(it => !switchedOff.Contains(it.Id));
    }

    /// <summary>Which of the purchases wait for an administrator.</summary>
    public async Task<HashSet<Guid>> SwitchedOffAsync(List<Purchase> purchases, CancellationToken cancel)
    {
        var flags = await FlagRecords.LoadAsync(
            database,
            FlagKeys.PurchaseAutoConfirm,
            purchases.SelectMany(it => new[] { it.UserId, it.MerchantId }),
            cancel
        );
        return
        [
            .. purchases
                .Where(it =>
                    !flags.IsEnabled(FlagScope.User, it.UserId) || !flags.IsEnabled(FlagScope.Merchant, it.MerchantId)
                )
                .Select(it => it.Id),
        ];
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
        return Until(await command.ExecuteScalarAsync(cancel) as DateTime?);
    }

    /// <summary>How long until then, at most the interval.</summary>
    public TimeSpan Until(DateTimeOffset? next) =>
        TimeSpan.FromTicks(
            Math.Clamp((next - time.GetUtcNow() ?? Interval).Ticks, HeldElsewhere.Ticks, Interval.Ticks)
        );
}
