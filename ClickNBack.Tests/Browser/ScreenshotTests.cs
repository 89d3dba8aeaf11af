using ClickNBack.Tests.Graph;
using ClickNBack.Tests.Infrastructure;
using Microsoft.Playwright;

namespace ClickNBack.Tests.Browser;

/// <summary>Every page as it looks: light, dark, on a phone. Each is looked at by axe; <c>make screenshots</c> keeps the pictures.</summary>
public sealed class ScreenshotTests(PopulatedConsole console) : IClassFixture<PopulatedConsole>
{
    private static readonly (string Name, ColorScheme Scheme, int Width)[] Looks =
    [
        ("light", ColorScheme.Light, 1280),
        ("dark", ColorScheme.Dark, 1280),
        ("phone", ColorScheme.Light, 390),
    ];

    [Fact]
    public void No_page_is_left_out()
    {
        // These answer a file or lead elsewhere.
        string[] others =
        [
            "/console/assets/{version}/{name}",
            "/console/audit.csv",
            "/console/cases/next",
            "/console/ledger/comparison",
        ];
        var shown = console.Pages.Select(it => it.Path.Split('?')[0]).Append("/console/sign-in").Select(Shape);
        Assert.Equal([], MappedRoutes.OfConsole(console.Server).Except(others).Select(Shape).Except(shown));

        // Without identifiers.
        static string Shape(string path) =>
            string.Join('/', path.Split('/').Select(it => it.StartsWith('{') || Guid.TryParse(it, out _) ? "*" : it));
    }

    [FactWith(Requirement.Chromium)]
    public async Task Every_page_can_be_read_by_everybody_in_the_dark_and_on_a_phone()
    {
        await using var window = await BrowserWindow.OpenAsync(console.Server.Address);
        await LookAsync("sign-in", "/console/sign-in");
        await window.SignInAsync(Templates.AdminEmail, Templates.AdminPassword);
        await window.Page.WaitForURLAsync("**/console");
        foreach (var (name, path) in console.Pages)
        {
            await LookAsync(name, path);
        }

        async Task LookAsync(string name, string path)
        {
            await window.GoToAsync(path);
            foreach (var (look, scheme, width) in Looks)
            {
                await window.Page.SetViewportSizeAsync(width, 800);
                await window.Page.EmulateMediaAsync(new() { ColorScheme = scheme });
                await window.IsWellMadeAsync();
                var overflow = await window.Page.EvaluateAsync<int>(
                    "document.documentElement.scrollWidth - innerWidth"
                );
                Assert.True(overflow <= 0, $"{path} is {overflow} pixels wider than the window ({look})");
                if (Environment.GetEnvironmentVariable("CLICKNBACK_WRITE") == "true")
                {
                    await window.Page.ScreenshotAsync(
                        new() { Path = Path.Combine(PlatformGraph.Root, "docs/console", $"{name}-{look}.png") }
                    );
                }
            }
        }
    }
}
