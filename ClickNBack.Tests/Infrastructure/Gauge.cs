using System.Diagnostics.Metrics;

namespace ClickNBack.Tests.Infrastructure;

/// <summary>What a gauge shows at this moment.</summary>
internal static class Gauge
{
    public static double Read(IMeterFactory meters, string name)
    {
        var measured = new List<double>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Scope == meters && instrument.Name == name)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => measured.Add(value));
        listener.Start();
        listener.RecordObservableInstruments();
        return Assert.Single(measured);
    }
}
