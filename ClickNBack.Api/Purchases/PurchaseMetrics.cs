using System.Diagnostics.Metrics;
using ClickNBack.Api.Http;

namespace ClickNBack.Api.Purchases;

/// <summary>What happens to purchases, as metrics of the meter <c>ClickNBack.Purchases</c>.</summary>
internal sealed class PurchaseMetrics
{
    private readonly Counter<long> _resolved;
    private readonly Counter<long> _stuck;
    private readonly Counter<long> _refused;
    private readonly Histogram<double> _delay;
    private readonly TimeProvider _time;
    private long _nextLook;

    public PurchaseMetrics(IMeterFactory meters, VerificationOptions options, TimeProvider time)
    {
        _time = time;
        NextLook(time.GetUtcNow());
        var meter = meters.Create("ClickNBack.Purchases");
        _resolved = meter.CreateCounter<long>(
            "clicknback.purchases.resolved",
            "{purchase}",
            "Purchases that the verification job confirmed or rejected."
        );
        _stuck = meter.CreateCounter<long>(
            "clicknback.purchases.stuck",
            "{purchase}",
            "Attempts to resolve a purchase that failed by error; each is tried again."
        );
        _refused = meter.CreateCounter<long>(
            "clicknback.purchases.refused",
            "{purchase}",
            "Claims that were refused because they exceed a limit of the day."
        );
        _delay = meter.CreateHistogram<double>(
            "clicknback.purchases.verification.delay",
            "s",
            "From the recording of a purchase to its resolution by the verification job."
        );
        meter.CreateObservableGauge(
            "clicknback.purchases.verification.simulated",
            () => options.Mode == VerificationMode.Simulated ? 1 : 0,
            description: "1 where purchases are confirmed that nobody has verified."
        );
        meter.CreateObservableGauge<double>(
            "clicknback.purchases.verification.lag",
            () =>
                Math.Max(
                    0,
                    (_time.GetUtcNow().UtcTicks - Volatile.Read(ref _nextLook)) / (double)TimeSpan.TicksPerSecond
                ),
            "s",
            "For how long the verification job has been late for its next look at due purchases; it grows while the job is stuck."
        );
    }

    internal void Resolved(Purchase purchase)
    {
        var status = new KeyValuePair<string, object?>("status", Json.Name(purchase.Status));
        _resolved.Add(1, status);
        _delay.Record((purchase.ResolvedAt - purchase.CreatedAt)!.Value.TotalSeconds, status);
    }

    internal void NextLook(DateTimeOffset at) => Volatile.Write(ref _nextLook, at.UtcTicks);

    internal void Stuck() => _stuck.Add(1);

    internal void Refused(ClaimLimit limit) =>
        _refused.Add(1, new KeyValuePair<string, object?>("limit", Json.Name(limit)));
}
