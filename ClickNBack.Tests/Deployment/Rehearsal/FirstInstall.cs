namespace ClickNBack.Tests.Deployment.Rehearsal;

/// <summary>What was seen from an empty folder to the first release.</summary>
/// <param name="CheckBefore">`check` before `install`.</param>
/// <param name="Install">`install`.</param>
/// <param name="Again">`install`, once more.</param>
/// <param name="Before">What the site answers before the first release.</param>
/// <param name="Check">`check` afterwards.</param>
/// <param name="Deploy">The first deploy.</param>
/// <param name="Smoke">`smoke`, through the front door.</param>
internal sealed record FirstInstall(
    Ended CheckBefore,
    Ended Install,
    Ended Again,
    HttpResponseMessage Before,
    Ended Check,
    Ended Deploy,
    Ended Smoke
)
{
    public static async Task<FirstInstall> ObserveAsync(Server server, string version)
    {
        using var http = new HttpClient { BaseAddress = server.Front };
        return new FirstInstall(
            await server.ClicknbackAsync("check"),
            await server.ClicknbackAsync("install").ExpectAsync(0),
            await server.ClicknbackAsync("install").ExpectAsync(0),
            await http.GetAsync(new Uri("/api/v1/offers/active", UriKind.Relative)),
            await server.ClicknbackAsync("check").ExpectAsync(0),
            await server.ClicknbackAsync("deploy", version).ExpectAsync(0),
            await server.ClicknbackAsync("smoke").ExpectAsync(0)
        );
    }
}
