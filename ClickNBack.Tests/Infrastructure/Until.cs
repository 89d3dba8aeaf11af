using System.Diagnostics;

namespace ClickNBack.Tests.Infrastructure;

/// <summary>Waits for what something else does, and fails if it does not.</summary>
internal static class Until
{
    /// <summary>Much longer than anything here takes, even on a busy machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(15);

    /// <param name="condition">What is waited for.</param>
    /// <param name="expectation">The same in words, for the message.</param>
    /// <param name="patience">More than the usual, for what takes its time by design.</param>
    public static async Task TrueAsync(Func<Task<bool>> condition, string expectation, TimeSpan? patience = null)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(
                Stopwatch.GetElapsedTime(started) < (patience ?? Patience),
                $"Waited in vain until {expectation}."
            );
            await Task.Delay(Pause);
        }
    }

    /// <inheritdoc cref="TrueAsync(Func{Task{bool}}, string, TimeSpan?)"/>
    public static Task TrueAsync(Func<bool> condition, string expectation, TimeSpan? patience = null) =>
        TrueAsync(() => Task.FromResult(condition()), expectation, patience);
}
