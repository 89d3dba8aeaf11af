using System.Runtime.CompilerServices;

namespace ClickNBack.AppHost.Standalone;

/// <summary>One line that a resource wrote; numbers count from 1 per resource.</summary>
internal readonly record struct LogLine(long Number, DateTimeOffset At, string Text);

/// <summary>The last lines of a resource, for the dashboard and for error messages.</summary>
internal sealed class LogBuffer(TimeProvider time, int capacity = 2000)
{
    private readonly Lock gate = new();
    private readonly Queue<LogLine> lines = new(capacity);
    private TaskCompletionSource changed = NewSignal();
    private long last;

    public void Add(string text)
    {
        TaskCompletionSource signal;
        lock (gate)
        {
            if (lines.Count == capacity)
            {
                lines.Dequeue();
            }

            lines.Enqueue(new(++last, time.GetUtcNow(), text));
            (signal, changed) = (changed, NewSignal());
        }

        signal.TrySetResult();
    }

    /// <summary>The kept lines after a number; 0: all of them.</summary>
    public IReadOnlyList<LogLine> After(long number)
    {
        lock (gate)
        {
            return [.. lines.Where(line => line.Number > number)];
        }
    }

    /// <summary>The last few lines.</summary>
    public IReadOnlyList<LogLine> Tail(int count)
    {
        lock (gate)
        {
            return [.. lines.TakeLast(count)];
        }
    }

    /// <summary>The lines after a number, and then every new one, in the portions in which they come.</summary>
    public async IAsyncEnumerable<IReadOnlyList<LogLine>> FollowAsync(
        long number,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            Task signal;
            IReadOnlyList<LogLine> portion;
            lock (gate)
            {
                signal = changed.Task;
                portion = [.. lines.Where(line => line.Number > number)];
            }

            if (portion.Count > 0)
            {
                number = portion[^1].Number;
                yield return portion;
            }

            await signal.WaitAsync(cancellationToken);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
