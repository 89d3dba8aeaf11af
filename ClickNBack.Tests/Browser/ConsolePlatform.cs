using ClickNBack.Tests.Infrastructure;
using Microsoft.Playwright;

namespace ClickNBack.Tests.Browser;

/// <summary>A platform whose console tests open in a browser.</summary>
public sealed class ConsolePlatform : IAsyncLifetime
{
    private readonly Platform _platform = new();

    public TestDatabase Database => _platform.Database;

    public ApiServer Server => _platform.Server;

    public Person Admin => _platform.Admin;

    public Task InitializeAsync() => _platform.InitializeAsync();

    public Task DisposeAsync() => _platform.DisposeAsync();

    /// <summary>A browser in which nobody is signed in.</summary>
    public Task<BrowserWindow> OpenAsync(BrowserNewContextOptions? options = null) =>
        BrowserWindow.OpenAsync(Server.Address, options);

    /// <summary>A browser in which the administrator is signed in.</summary>
    public async Task<BrowserWindow> SignedInAsync(BrowserNewContextOptions? options = null)
    {
        var window = await OpenAsync(options);
        await window.GoToAsync("/console");
        await window.SignInAsync(Templates.AdminEmail, Templates.AdminPassword);
        await window.Page.WaitForURLAsync("**/console");
        return window;
    }
}
