using ClickNBack.Api.Persistence;
using ClickNBack.Api.Purchases;
using ClickNBack.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Status;

/// <summary>How the platform is doing (H2).</summary>
/// <param name="Version">Of this build.</param>
/// <param name="Commit">Of this build.</param>
/// <param name="UptimeSeconds">Of this process.</param>
/// <param name="Database">PostgreSQL's version.</param>
/// <param name="Migration">The newest migration the database has.</param>
/// <param name="ExpectedMigration">The newest one this build needs.</param>
/// <param name="PendingPurchases">Purchases that are not verified yet.</param>
/// <param name="OverduePurchases">Those of them that the job should have looked at by now.</param>
/// <param name="LedgerImbalance">The sum over all accounts at the last check, EUR: anything but 0 is wrong.</param>
/// <param name="MoneyInvariants">How often each invariant was violated at the last check: anything but 0 is wrong.</param>
/// <param name="MoneyCheckedAt">When that was, UTC; null before the first check, and then the two above are unknown.</param>
public sealed record SystemStatusResponse(
    string Version,
    string Commit,
    long UptimeSeconds,
    string Database,
    string Migration,
    string ExpectedMigration,
    long PendingPurchases,
    long OverduePurchases,
    decimal? LedgerImbalance,
    IReadOnlyDictionary<string, long>? MoneyInvariants,
    DateTimeOffset? MoneyCheckedAt
);

/// <summary>Tells administrators how the platform is doing.</summary>
public static class GetStatus
{
    /// <summary>The handler.</summary>
    public static async Task<Ok<SystemStatusResponse>> Handle(
        ClickNBackDbContext db,
        BuildInfo build,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        var now = time.GetUtcNow();
        var pending = db.Purchases.Where(it => it.Status == PurchaseStatus.Pending);
        var check = await db
            .MoneyChecks.AsNoTracking()
            .OrderByDescending(it => it.CheckedAt)
            .FirstOrDefaultAsync(cancel);
        return TypedResults.Ok(
            new SystemStatusResponse(
                build.Version,
                build.Commit,
                (long)(now - build.StartedAt).TotalSeconds,
                await db
                    .Database.SqlQuery<string>($"""SELECT current_setting('server_version') AS "Value" """)
                    .SingleAsync(cancel),
                await db
                    .Database.SqlQuery<string>(
                        $"""SELECT max("MigrationId") AS "Value" FROM "__EFMigrationsHistory" """
                    )
                    .SingleAsync(cancel),
                SchemaVersion.Expected,
                await pending.LongCountAsync(cancel),
                await pending.LongCountAsync(it => it.NextVerificationAt < now, cancel),
                check?.LedgerImbalance,
                check?.ViolationsByInvariant(),
                check?.CheckedAt
            )
        );
    }
}
