using System.Diagnostics;

namespace ClickNBack.Tests.Infrastructure;

/// <summary>Waits for what something else does, and fails if it does not.</summary>
internal static class Until
{
    /// <summary>Much longer than anything here takes, even on a busy machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(15);

    public static async Task TrueAsync(Func<Task<bool>> condition, string expectation)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"Waited in vain until {expectation}.");
            await Task.Delay(Pause);
        }
    }

    public static Task TrueAsync(Func<bool> condition, string expectation) =>
        TrueAsync(() => Task.FromResult(condition()), expectation);
}
