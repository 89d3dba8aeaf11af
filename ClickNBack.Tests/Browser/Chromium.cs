using Microsoft.Playwright;

namespace ClickNBack.Tests.Browser;

/// <summary>This machine's Chromium: one process for the whole run, with a profile of its own that is thrown away.</summary>
internal static class Chromium
{
    /// <summary>Where it is; empty if there is none.</summary>
    public static readonly string Path = Array.Find(["/usr/bin/chromium", "/usr/bin/google-chrome"], File.Exists) ?? "";

    private static readonly Lazy<Task<(IPlaywright Playwright, IBrowser Browser)>> Started = new(StartAsync);

    public static async Task<IBrowser> StartedAsync() => (await Started.Value).Browser;

    /// <summary>Ends it, if a test has started it.</summary>
    public static async Task StopAsync()
    {
        if (Started.IsValueCreated)
        {
            var (playwright, browser) = await Started.Value;
            await browser.DisposeAsync();
            playwright.Dispose();
        }
    }

    private static async Task<(IPlaywright, IBrowser)> StartAsync()
    {
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(
            new()
            {
                ExecutablePath = Path,
                Args = ["--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage"],
            }
        );
        return (playwright, browser);
    }
}
