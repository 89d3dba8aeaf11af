using System.Text;
using ClickNBack.Tests.Infrastructure;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ClickNBack.Tests.Browser;

/// <summary>The console in a browser that runs no script.</summary>
public sealed class ScriptlessTests(ConsolePlatform platform, PopulatedConsole console)
    : IClassFixture<ConsolePlatform>,
        IClassFixture<PopulatedConsole>
{
    private static readonly BrowserNewContextOptions WithoutScript = new() { JavaScriptEnabled = false };

    [FactWith(Requirement.Chromium)]
    public async Task From_a_merchants_file_to_a_decision_and_a_reversal_and_out()
    {
        var (disputed, approved) = (Unique.Text(), Unique.Text());
        var user = await platform.Server.UserAsync();
        var shop = await platform.Admin.OpenShopAsync();
        await user.BuyAsync(shop, 50, disputed);
        await user.BuyAsync(shop, 80, approved);
        await using var window = await platform.SignedInAsync(WithoutScript);

        await window.GoToAsync("/console/reports/files");
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "Upload a file" }).ClickAsync();
        await window
            .Page.GetByLabel("Merchant")
            .FillAsync(
                await platform.Database.ScalarAsync<string>("SELECT name FROM merchants WHERE id = $1", shop.Merchant)
            );
        await window
            .Page.GetByLabel("File", new() { Exact = true })
            .SetInputFilesAsync(
                new FilePayload
                {
                    Name = "november.csv",
                    MimeType = "text/csv",
                    Buffer = Encoding.UTF8.GetBytes(
                        $"""
                        order_reference,amount,currency,status,reported_at
                        {disputed},40.00,EUR,approved,2026-11-20T10:00:00Z
                        {approved},80.00,EUR,approved,2026-11-20T10:00:00Z

                        """
                    ),
                }
            );
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Upload" }).ClickAsync();
        await window.ActAsync("Take in");
        await Expect(window.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("taken in");
        await platform.Server.VerifyAsync();

        await window.GoToAsync("/console/cases");
        await window.Page.GetByRole(AriaRole.Link, new() { Name = disputed }).ClickAsync();
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Confirm" }).ClickAsync();
        await Expect(window.Page.GetByLabel("Why")).ToBeFocusedAsync(); // says the browser: it may not be empty
        await window.Page.GetByLabel("Why").FillAsync("The receipt says so");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Confirm" }).ClickAsync();
        await Expect(window.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Decided: confirm.");
        Assert.Equal(new Balances("0.00", "6.50"), await user.WalletAsync());

        await window.GoToAsync("/console/purchases");
        await window.Page.GetByLabel("Order reference").FillAsync(approved);
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await window.Page.GetByRole(AriaRole.Link, new() { Name = approved }).ClickAsync();
        await window.ActAsync("Reverse", ("Reason", "The merchant reported it by mistake"));
        await Expect(window.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("The purchase is reversed.");
        await Expect(window.Page.GetByText("reported it by mistake")).ToBeVisibleAsync();
        Assert.Equal(new Balances("0.00", "2.50"), await user.WalletAsync());

        await window.Page.GetByText(Templates.AdminEmail).First.ClickAsync();
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out", Exact = true }).ClickAsync();
        await window.IsSignedOutAsync();
    }

    [FactWith(Requirement.Chromium)]
    public async Task Everything_that_can_be_pressed_is_a_link_or_sends_a_form()
    {
        await using var window = await ConsolePlatform.SignedInAsync(console.Server, WithoutScript);
        foreach (var (_, path) in console.Pages)
        {
            await window.GoToAsync(path);
            var strange = await window.Page.EvaluateAsync<string[]>(
                """
                () => [
                    ...[...document.querySelectorAll('button')].filter(it => it.type !== 'submit' || !it.form),
                    ...[...document.querySelectorAll('a')].filter(it => !it.getAttribute('href')),
                    ...[...document.forms].filter(it => it.method === 'post' && !it.querySelector('[name=__RequestVerificationToken]')),
                    ...[...document.querySelectorAll('[role=button], [onclick], [hidden], script:not([src])')],
                ].map(it => it.outerHTML)
                """
            );
            Assert.Equal([], strange);
        }
    }
}
