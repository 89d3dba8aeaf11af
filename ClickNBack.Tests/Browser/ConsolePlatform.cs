using ClickNBack.Tests.Infrastructure;
using Microsoft.Playwright;

namespace ClickNBack.Tests.Browser;

/// <summary>A platform where merchants verify purchases, without the verification job, whose console tests open in a browser.</summary>
public sealed class ConsolePlatform : IAsyncLifetime
{
    public TestDatabase Database { get; private set; } = null!;

    public ApiServer Server { get; private set; } = null!;

    public Person Admin { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Database = await TestDatabase.CreateAsync();
        Server = await StartAnotherAsync();
        Admin = await Server.AdminAsync();
    }

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        await Database.DisposeAsync();
    }

    /// <summary>One more process on the same database.</summary>
    public Task<ApiServer> StartAnotherAsync() =>
        ApiServer.StartAsync(Database, new ApiSetup { Settings = new() { ["Verification:Mode"] = "reports" } });

    /// <summary>A browser in which nobody is signed in.</summary>
    public Task<BrowserWindow> OpenAsync(BrowserNewContextOptions? options = null) =>
        BrowserWindow.OpenAsync(Server.Address, options);

    /// <summary>A browser in which the administrator is signed in.</summary>
    public Task<BrowserWindow> SignedInAsync(BrowserNewContextOptions? options = null) =>
        SignedInAsync(Server, options);

    /// <summary>The same at another process.</summary>
    public static async Task<BrowserWindow> SignedInAsync(ApiServer server, BrowserNewContextOptions? options = null)
    {
        var window = await BrowserWindow.OpenAsync(server.Address, options);
        await window.GoToAsync("/console");
        await window.SignInAsync(Templates.AdminEmail, Templates.AdminPassword);
        await window.Page.WaitForURLAsync("**/console");
        return window;
    }

    /// <summary>A purchase of 50 EUR, earning 2.50, of which the merchant reports 40: a case.</summary>
    public async Task<(Person User, Guid Case)> DisputedAsync(string reference)
    {
        var user = await Server.UserAsync();
        var merchant = await Reporter.NewAsync(Admin, await Admin.OpenShopAsync());
        var purchase = await user.BuyAsync(merchant.Shop, 50, reference);
        await merchant.ReportAsync(Server.Anonymous, merchant.Said(reference, 40, reason: "Partly returned"));
        await Server.VerifyAsync();
        return (user, await Database.ScalarAsync<Guid>("SELECT id FROM cases WHERE purchase_id = $1", purchase));
    }
}
