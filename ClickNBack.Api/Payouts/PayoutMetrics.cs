using System.Diagnostics.Metrics;
using ClickNBack.Api.Http;

namespace ClickNBack.Api.Payouts;

/// <summary>What is asked for and held, as a metric of the meter <c>ClickNBack.Payouts</c>.</summary>
internal sealed class PayoutMetrics(IMeterFactory meters)
{
    private readonly Counter<long> _held = meters
        .Create("ClickNBack.Payouts")
        .CreateCounter<long>(
            "clicknback.payouts.held",
            "{payout}",
            "Requested payouts that are held until an administrator releases them."
        );

    internal void Requested(Payout payout)
    {
        if (payout.HeldFor is { } reason)
        {
            _held.Add(1, new KeyValuePair<string, object?>("reason", Json.Name(reason)));
        }
    }
}
