using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ClickNBack.AppHost;

/// <summary>
/// Notices at once when a resource has become healthy for the first time. Left alone Aspire asks again after one second, then
/// two, then three, which is longer than a start takes.
/// </summary>
internal static class EagerHealthChecks
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Has every check that has not succeeded yet ask until it does, for a while.</summary>
    public static IServiceCollection AddEagerHealthChecks(this IServiceCollection services) =>
        services.PostConfigure<HealthCheckServiceOptions>(options =>
        {
            foreach (var registration in options.Registrations)
            {
                var (create, hasSucceeded) = (registration.Factory, new StrongBox<bool>());
                registration.Factory = provider => new EagerCheck(create(provider), hasSucceeded);
            }
        });

    private sealed class EagerCheck(IHealthCheck check, StrongBox<bool> hasSucceeded) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(
            HealthCheckContext context,
            CancellationToken cancellationToken = default
        )
        {
            var began = TimeProvider.System.GetTimestamp();
            var result = await check.CheckHealthAsync(context, cancellationToken);
            while (
                result.Status != HealthStatus.Healthy
                && !hasSucceeded.Value
                && TimeProvider.System.GetElapsedTime(began) < Patience
            )
            {
                await Task.Delay(Interval, cancellationToken);
                result = await check.CheckHealthAsync(context, cancellationToken);
            }

            hasSucceeded.Value |= result.Status == HealthStatus.Healthy;
            return result;
        }
    }
}
