using System.Collections.Concurrent;
using System.Net;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ClickNBack.Tests.Browser;

/// <summary>Somebody at a browser, with cookies of their own.</summary>
public sealed class BrowserWindow : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _complaints = new();

    private BrowserWindow(IBrowserContext context, IPage page)
    {
        _context = context;
        Page = page;
        page.PageError += (_, error) => _complaints.Enqueue(error);
        page.Console += (_, message) =>
        {
            // A status of an answer is what tests ask for; all else is the browser's own complaint, of the policy first of all.
            if (
                message.Type is "error" or "warning"
                && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal)
            )
            {
                _complaints.Enqueue(message.Text);
            }
        };
        page.Dialog += async (_, dialog) =>
        {
            _complaints.Enqueue($"A dialog: {dialog.Message}");
            await dialog.DismissAsync();
        };
    }

    public IPage Page { get; }

    /// <summary>The main heading.</summary>
    public ILocator Heading => Page.GetByRole(AriaRole.Heading, new() { Level = 1 });

    public IBrowserContext Context => _context;

    public static async Task<BrowserWindow> OpenAsync(Uri address, BrowserNewContextOptions? options = null)
    {
        options ??= new();
        options.BaseURL = address.ToString();
        options.TimezoneId ??= "Europe/Madrid";
        options.Locale ??= "en-GB";
        var browser = await Chromium.StartedAsync();
        var context = await browser.NewContextAsync(options);
        context.SetDefaultTimeout(15_000);
        return new BrowserWindow(context, await context.NewPageAsync());
    }

    /// <summary>Takes over cookies of another browser.</summary>
    public Task StealAsync(IEnumerable<BrowserContextCookiesResult> cookies) =>
        _context.AddCookiesAsync(
            cookies.Select(it => new Microsoft.Playwright.Cookie
            {
                Name = it.Name,
                Value = it.Value,
                Domain = it.Domain,
                Path = it.Path,
                Secure = it.Secure,
                HttpOnly = it.HttpOnly,
                SameSite = it.SameSite,
            })
        );

    /// <summary>Opens a page; fails unless it is answered like that.</summary>
    public async Task GoToAsync(string path, HttpStatusCode expected = HttpStatusCode.OK)
    {
        var response = await Page.GotoAsync(path);
        Assert.Equal($"{path} {(int)expected}", $"{path} {response!.Status}");
    }

    /// <summary>Signs in on the page that is open.</summary>
    public async Task SignInAsync(string email, string password)
    {
        await Page.GetByLabel("E-mail").FillAsync(email);
        await Page.GetByLabel("Password").FillAsync(password);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
    }

    /// <summary>Opens an action of the page, fills in what it asks for, and confirms it.</summary>
    public async Task ActAsync(string label, params (string Field, string Text)[] fields)
    {
        var button = Page.GetByRole(
            AriaRole.Button,
            new()
            {
                Name = label,
                Exact = true,
                IncludeHidden = true,
            }
        );
        var action = Page.Locator("details.action").Filter(new() { Has = button }).First;
        await action.Locator("summary").ClickAsync();
        foreach (var (field, text) in fields)
        {
            await action.GetByLabel(field).FillAsync(text);
        }

        await action.GetByRole(AriaRole.Button, new() { Name = label, Exact = true }).ClickAsync();
    }

    /// <summary>Fails unless the page asks who one is.</summary>
    public Task IsSignedOutAsync() =>
        Expect(Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" })).ToBeVisibleAsync();

    /// <summary>The token of the page's forms.</summary>
    public async Task<string> TokenAsync() =>
        (await Page.Locator("[name=__RequestVerificationToken]").First.GetAttributeAsync("value"))!;

    /// <summary>Fails if the browser had to complain, or if somebody who cannot see could not use the page.</summary>
    public async Task IsWellMadeAsync()
    {
        var result = await Page.RunAxe();
        Assert.True(
            result.Violations.Length == 0,
            $"{Page.Url}\n{string.Join('\n', result.Violations.SelectMany(it => it.Nodes.Select(node => $"{it.Id}: {node.Html}")))}"
        );
        Assert.Empty(_complaints);
    }

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
