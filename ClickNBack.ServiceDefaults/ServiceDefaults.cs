using Microsoft.Extensions.DependencyInjection.Extensions;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace ClickNBack.ServiceDefaults;

/// <summary>What every program of the platform has in common, whatever it does.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>
    /// Settings from files, console logs, telemetry, health checks and draining. Call it first. Wrong configuration is
    /// found by <c>Build()</c>, which then throws; <see cref="ExitCode"/> tells the operator.
    /// </summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        var build = BuildInfo.Now(ClockOf(builder.Services));
        builder.Services.AddSingleton(build);

        builder.AddSecretFiles();
        builder.AddConsoleLogs();
        builder.AddTelemetry(build);
        builder.AddHealth();
        builder.AddDrain();
        return builder;
    }

    /// <summary>
    /// For a program that works in <c>Main</c> and never starts its host (the host would start by itself): exports
    /// traces and metrics from now until the host is disposed, which sends what is left.
    /// </summary>
    public static THost StartTelemetry<THost>(this THost host)
        where THost : IHost
    {
        _ = host.Services.GetService<TracerProvider>();
        _ = host.Services.GetService<MeterProvider>();
        return host;
    }

    // Needed before there is a service provider.
    private static TimeProvider ClockOf(IServiceCollection services) =>
        services.Last(service => service.ServiceType == typeof(TimeProvider)).ImplementationInstance as TimeProvider
        ?? TimeProvider.System;
}
