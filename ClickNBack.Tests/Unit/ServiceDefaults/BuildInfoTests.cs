using ClickNBack.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;

namespace ClickNBack.Tests.Unit.ServiceDefaults;

public sealed class BuildInfoTests
{
    [Theory]
    [InlineData("1.4.0+0123abc", "1.4.0", "0123abc")]
    [InlineData("1.4.0-rc.1+0123abc", "1.4.0-rc.1", "0123abc")]
    [InlineData("1.4.0", "1.4.0", "unknown")]
    public void Version_and_commit_come_from_what_the_SDK_writes(string informational, string version, string commit) =>
        Assert.Equal(new BuildInfo(version, commit, default), BuildInfo.Parse(informational, default));

    [Fact]
    public void The_start_is_when_the_defaults_were_added_whenever_somebody_asks()
    {
        var clock = new ManualClock();
        var started = clock.GetUtcNow();
        var builder = Programs.Worker();
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.AddServiceDefaults();
        clock.Advance(TimeSpan.FromHours(1));

        using var host = builder.Build();

        Assert.Equal(started, host.Services.GetRequiredService<BuildInfo>().StartedAt);
    }
}
