using ClickNBack.Api.Purchases;

namespace ClickNBack.Api.Status;

/// <summary>What the API's description shows of the platform's status.</summary>
internal static class StatusExamples
{
    public static readonly SystemStatusResponse Healthy = new(
        "1.4.0",
        "3f2c9d1",
        UptimeSeconds: 86_400,
        "17.6",
        "20261121000000_Initial",
        "20261121000000_Initial",
        VerificationMode.Reports,
        PendingPurchases: 12,
        OverduePurchases: 0,
        LedgerImbalance: 0,
        new Dictionary<string, long>(StringComparer.Ordinal)
        {
            ["the ledger sums to zero"] = 0,
            ["no balance is negative"] = 0,
        },
        new DateTimeOffset(2026, 11, 21, 9, 15, 0, 120, 450, TimeSpan.Zero)
    );
}
