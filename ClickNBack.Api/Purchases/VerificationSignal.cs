using System.Diagnostics;
using System.Threading.Channels;

namespace ClickNBack.Api.Purchases;

/// <summary>Wakes this process's verification job when there is new work, instead of at the next interval.</summary>
internal sealed class VerificationSignal(TimeProvider time)
{
    // One waiting signal says it all: the job looks for everything that is due.
    private readonly Channel<ActivityContext> _signals = Channel.CreateBounded<ActivityContext>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );

    /// <summary>Wakes the job; does nothing if it is about to wake.</summary>
    public void Wake() => _signals.Writer.TryWrite(Activity.Current?.Context ?? default);

    /// <summary>Waits for a signal, at most the given time; gives the span of whoever woke it.</summary>
    public async Task<ActivityContext> WaitAsync(TimeSpan atMost, CancellationToken stop)
    {
        using var timeout = new CancellationTokenSource(atMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stop);
        try
        {
            return await _signals.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return default; // the time is over
        }
    }
}
