using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace ClickNBack.AppHost;

/// <summary>Says in the terminal when the platform is ready, and where everything is; or what has kept it from that.</summary>
internal sealed class Announcement(
    DistributedApplicationModel model,
    ResourceNotificationService notifications,
    IConfiguration configuration
) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        string[] lines;
        try
        {
            await notifications.WaitForResourceHealthyAsync(
                "api",
                WaitBehavior.StopOnResourceUnavailable,
                stoppingToken
            );
            lines = Ready();
        }
        catch (DistributedApplicationException)
        {
            lines = ["ClickNBack does not become ready; the dashboard's logs say why:", "", .. Table()];
        }

        await Console.Out.WriteLineAsync(string.Join(Environment.NewLine, ["", .. lines, ""]));
    }

    private string[] Ready()
    {
        using var process = Process.GetCurrentProcess();
        var seconds = (TimeProvider.System.GetLocalNow() - new DateTimeOffset(process.StartTime)).TotalSeconds;
        var api = UrlsOf("api").FirstOrDefault() ?? "";
        return
        [
            $"ClickNBack is ready after {seconds.ToString("0.0", CultureInfo.InvariantCulture)} s.",
            "",
            .. Table(),
            "",
            "  Log in as alice@clicknback.com (user) or carol@clicknback.com (admin), password Str0ng!Pass",
            $"  See alice's wallet:  {Wallet(api)}",
            "  Ctrl-C stops it all.",
        ];
    }

    private IEnumerable<string> Table()
    {
        foreach (
            var name in model
                .Resources.Where(it => it is ExecutableResource or ContainerResource or ProjectResource)
                .Select(it => it.Name)
        )
        {
            if (
                notifications.TryGetCurrentState(name, out var current)
                && current.Snapshot is { IsHidden: false, State.Text: var state, ExitCode: var exitCode }
            )
            {
                var outcome = exitCode is null or 0 ? state : $"Failed ({exitCode})";
                yield return $"  {name, -11}{outcome, -15}{string.Join(' ', UrlsOf(name))}".TrimEnd();
            }
        }

        var dashboard = configuration["ASPNETCORE_URLS"]?.Split(';')[0];
        yield return $"  {"dashboard", -11}{"Running", -15}{dashboard}/login?t={configuration["AppHost:BrowserToken"]}";
    }

    private IEnumerable<string> UrlsOf(string name) =>
        notifications.TryGetCurrentState(name, out var current)
            ? current.Snapshot.Urls.Where(url => !url.IsInternal).Select(url => url.Url)
            : [];

    // In single quotes throughout: a shell would take the password's `!` elsewhere for its history.
    private static string Wallet(string api) =>
        $$"""
            curl -s {{api}}/api/v1/auth/login -H 'Content-Type: application/json' -d '{"email":"alice@clicknback.com","password":"Str0ng!Pass"}' | sed 's/.*"access_token":"\([^"]*\)".*/header="Authorization: Bearer \1"/' | curl -s -K - {{api}}/api/v1/users/me/wallet
            """;
}
