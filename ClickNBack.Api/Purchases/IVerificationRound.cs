namespace ClickNBack.Api.Purchases;

/// <summary>
/// How purchases are verified, a batch at a time; one for each <see cref="VerificationMode"/>. Any number of processes run
/// rounds side by side.
/// </summary>
internal interface IVerificationRound
{
    /// <summary>How many purchases a round takes at most.</summary>
    const int BatchSize = 500;

    /// <summary>Runs one round; answers how many purchases it found: <see cref="BatchSize"/> if there may be more.</summary>
    Task<int> RunAsync(CancellationToken cancel);

    /// <summary>How long until the next round has something to do, as far as is known.</summary>
    Task<TimeSpan> UntilNextAsync(CancellationToken cancel);
}

/// <summary>Purchases wait for an administrator; there is nothing to do.</summary>
internal sealed class ManualVerification(VerificationOptions options) : IVerificationRound
{
    /// <inheritdoc/>
    public Task<int> RunAsync(CancellationToken cancel) => Task.FromResult(0);

    /// <inheritdoc/>
    public Task<TimeSpan> UntilNextAsync(CancellationToken cancel) =>
        Task.FromResult(TimeSpan.FromSeconds(options.IntervalSeconds));
}
