using System.Diagnostics.Metrics;
using ClickNBack.Api.Http;

namespace ClickNBack.Api.Purchases;

/// <summary>What happens to purchases, as metrics of the meter <c>ClickNBack.Purchases</c>.</summary>
public sealed class PurchaseMetrics
{
    private readonly Counter<long> _resolved;
    private readonly Counter<long> _stuck;
    private readonly Histogram<double> _delay;

    /// <summary>Makes the instruments.</summary>
    public PurchaseMetrics(IMeterFactory meters)
    {
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
        _delay = meter.CreateHistogram<double>(
            "clicknback.purchases.verification.delay",
            "s",
            "From the recording of a purchase to its resolution by the verification job."
        );
    }

    internal void Resolved(Purchase purchase)
    {
        var status = new KeyValuePair<string, object?>("status", Json.Name(purchase.Status));
        _resolved.Add(1, status);
        _delay.Record((purchase.ResolvedAt - purchase.CreatedAt)!.Value.TotalSeconds, status);
    }

    internal void Stuck() => _stuck.Add(1);
}
