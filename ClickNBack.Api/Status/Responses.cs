using ClickNBack.Api.Purchases;

namespace ClickNBack.Api.Status;

/// <summary>How the platform is doing.</summary>
/// <param name="Version">Of this build.</param>
/// <param name="Commit">Of this build.</param>
/// <param name="UptimeSeconds">Of this process.</param>
/// <param name="Database">PostgreSQL's version.</param>
/// <param name="Migration">The newest migration the database has.</param>
/// <param name="ExpectedMigration">The newest one this build needs.</param>
/// <param name="VerificationMode">Who decides whether a purchase happened; where it is simulated, nobody does.</param>
/// <param name="PendingPurchases">Purchases that are not verified yet.</param>
/// <param name="OverduePurchases">Those of them that the job should have looked at by now.</param>
/// <param name="LedgerImbalance">The sum over all accounts at the last check, EUR: anything but 0 is wrong.</param>
/// <param name="MoneyInvariants">How often each invariant was violated at the last check: anything but 0 is wrong.</param>
/// <param name="MoneyCheckedAt">When that was, UTC; null before the first check, and then the two above are unknown.</param>
internal sealed record SystemStatusResponse(
    string Version,
    string Commit,
    long UptimeSeconds,
    string Database,
    string Migration,
    string ExpectedMigration,
    VerificationMode VerificationMode,
    long PendingPurchases,
    long OverduePurchases,
    decimal? LedgerImbalance,
    IReadOnlyDictionary<string, long>? MoneyInvariants,
    DateTimeOffset? MoneyCheckedAt
);
