using System.Diagnostics;

namespace ClickNBack.Tests.Soak;

/// <summary>Holds everybody together to a number of operations a second, and counts them.</summary>
internal sealed class Pace(double? rate)
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _begun;
    private long _done;
    private long _ticks;
    private long _slowest;

    public long Done => Volatile.Read(ref _done);

    /// <summary>Returns when the next operation may begin.</summary>
    public async Task NextAsync()
    {
        var place = Interlocked.Increment(ref _begun);
        if (rate is { } perSecond)
        {
            var wait = TimeSpan.FromSeconds(place / perSecond) - Stopwatch.GetElapsedTime(_start);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait);
            }
        }
    }

    /// <summary>Counts an operation and the time it takes.</summary>
    public async Task<T> MeasureAsync<T>(Func<Task<T>> operation)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            return await operation();
        }
        finally
        {
            var taken = Stopwatch.GetElapsedTime(start).Ticks;
            Interlocked.Increment(ref _done);
            Interlocked.Add(ref _ticks, taken);
            InterlockedMax(ref _slowest, taken);
        }
    }

    /// <summary>The mean and the longest time of the operations since the last call.</summary>
    public (TimeSpan Mean, TimeSpan Slowest) TakeTimes(long operations) =>
        (
            new(Interlocked.Exchange(ref _ticks, 0) / Math.Max(1, operations)),
            new(Interlocked.Exchange(ref _slowest, 0))
        );

    private static void InterlockedMax(ref long most, long value)
    {
        var seen = Volatile.Read(ref most);
        while (value > seen)
        {
            var before = Interlocked.CompareExchange(ref most, value, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }
}
