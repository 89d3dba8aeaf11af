using System.Diagnostics.Metrics;
using ClickNBack.Api.Purchases;
using ClickNBack.Tests.Infrastructure;
using ClickNBack.Tests.Unit.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;

namespace ClickNBack.Tests.Unit;

public sealed class PurchaseMetricsTests
{
    [Fact]
    public void The_verification_is_late_from_the_moment_on_at_which_the_job_should_have_looked()
    {
        var clock = new ManualClock();
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        var metrics = new PurchaseMetrics(meters, new VerificationOptions(), clock);

        clock.Advance(TimeSpan.FromSeconds(90));
        Assert.Equal(90, Lag(meters)); // the first look is due when the process starts

        metrics.NextLook(clock.GetUtcNow() + TimeSpan.FromSeconds(60));
        Assert.Equal(0, Lag(meters));

        clock.Advance(TimeSpan.FromSeconds(60 + 7));
        Assert.Equal(7, Lag(meters));
    }

    private static double Lag(IMeterFactory meters) => Gauge.Read(meters, "clicknback.purchases.verification.lag");
}
