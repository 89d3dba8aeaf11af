using System.ComponentModel.DataAnnotations;

namespace ClickNBack.ServiceDefaults;

/// <summary>How the program stops: section <c>Shutdown</c>.</summary>
internal sealed record ShutdownOptions
{
    /// <summary>
    /// For how many seconds it keeps serving after it was told to stop, 0 to 300, so that the proxy sees the 503 of
    /// <c>/ready</c> first. Default: 5, in Development 0.
    /// </summary>
    [Range(0, 300)]
    public int? DrainSeconds { get; init; }
}

/// <summary>
/// From SIGTERM on <c>/ready</c> answers 503 while everything else works as before; only after
/// <see cref="Duration"/> the services are stopped, the web server among them.
/// </summary>
internal sealed class Drain(
    ShutdownOptions options,
    IHostEnvironment environment,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<Drain> logger
) : IHostedLifecycleService
{
    private volatile bool _isStopping;

    public TimeSpan Duration { get; } =
        TimeSpan.FromSeconds(options.DrainSeconds ?? (environment.IsDevelopment() ? 0 : 5));

    // A signal fires ApplicationStopping before the host calls StoppingAsync; IHost.StopAsync does it after.
    public bool IsDraining => _isStopping || lifetime.ApplicationStopping.IsCancellationRequested;

    // The host awaits this of every service before it calls the StopAsync of any.
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _isStopping = true;
        if (Duration == TimeSpan.Zero || !lifetime.ApplicationStarted.IsCancellationRequested)
        {
            return;
        }

        logger.LogInformation("Draining for {Seconds} s, then stopping", Duration.TotalSeconds);
        await Task.Delay(Duration, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

internal static class DrainExtensions
{
    /// <summary>What requests and jobs have to finish after the drain.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(25);

    public static void AddDrain(this IHostApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<ShutdownOptions>("Shutdown").AddSingleton<Drain>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Drain>());

        // The host reads these when it is built: that is when wrong configuration is found.
        builder
            .Services.AddOptions<HostOptions>()
            .Configure<Drain>((host, drain) => host.ShutdownTimeout = drain.Duration + Grace);
    }
}
