using ClickNBack.Api.Persistence;
using ClickNBack.Api.Purchases;
using ClickNBack.Api.Status;
using ClickNBack.ServiceDefaults;

namespace ClickNBack.Api.Console;

/// <summary>How the platform is doing, at a glance.</summary>
internal static class Overview
{
    internal sealed record Model(SystemStatusResponse Status);

    public static async Task<IResult> ShowAsync(
        ClickNBackDbContext db,
        BuildInfo build,
        VerificationOptions verification,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        var status = await GetStatus.HandleAsync(db, build, verification, time, cancel);
        return Page.Of<OverviewPage>(new Model(status.Value!));
    }
}
