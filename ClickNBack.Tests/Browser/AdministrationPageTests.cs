using System.Net;
using ClickNBack.Tests.Infrastructure;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ClickNBack.Tests.Browser;

/// <summary>Accounts, merchants, offers, flags, the ledger and the audit log in the browser.</summary>
public sealed class AdministrationPageTests(ConsolePlatform platform) : IClassFixture<ConsolePlatform>
{
    [FactWith(Requirement.Chromium)]
    public async Task A_user_is_found_deactivated_reactivated_and_erased()
    {
        var user = await platform.Server.UserAsync($"{Hostile.Email}{Unique.Text()}@clicknback.test");
        await using var window = await platform.SignedInAsync();
        await window.GoToAsync("/console/users");
        await window
            .Page.GetByLabel("E-mail starts with, or the identifier")
            .FillAsync(Hostile.Email.ToUpperInvariant());
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await Expect(window.Page.Locator("tbody tr")).ToHaveCountAsync(1);
        await window.IsWellMadeAsync();
        await window.Page.GetByRole(AriaRole.Link, new() { Name = user.Email }).ClickAsync();
        await Expect(window.Heading).ToHaveTextAsync(user.Email);
        await window.IsWellMadeAsync();

        await window.ActAsync("Deactivate");
        await Expect(window.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("inactive");
        (await user.Api.GetAsync("/api/v1/users/me")).Expect(401, "USER_INACTIVE");
        await window.ActAsync("Reactivate");
        (await user.Api.GetAsync("/api/v1/users/me")).Expect(200);
        await window.ActAsync("End all sessions");
        await Expect(window.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("All sessions have ended.");
        await window.ActAsync("Erase");
        await Expect(window.Heading).ToHaveTextAsync("Erased account");
        await window.IsWellMadeAsync();
        (await user.Api.GetAsync("/api/v1/users/me")).Expect(401, "USER_INACTIVE");
    }

    [FactWith(Requirement.Chromium)]
    public async Task A_user_with_money_under_way_is_not_erased_and_nobody_can_lock_themselves_out()
    {
        var shop = await platform.Admin.OpenShopAsync(30, "fixed");
        var user = await platform.Server.UserAsync();
        await user.BuyAsync(shop, 1);
        await using var window = await platform.SignedInAsync();
        await window.GoToAsync($"/console/users/{user.Id}");

        await window.ActAsync("Erase");

        await Expect(window.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("cannot be erased yet");
        await window.IsWellMadeAsync();
        await window.GoToAsync($"/console/users/{platform.Admin.Id}");
        await Expect(window.Page.GetByText("Deactivate")).ToHaveCountAsync(0);
        await window.GoToAsync($"/console/users/{Guid.CreateVersion7()}", HttpStatusCode.NotFound);
    }

    [FactWith(Requirement.Chromium)]
    public async Task A_merchant_gets_an_offer_and_a_secret_that_is_shown_once()
    {
        var name = Unique.Text() + Hostile.Text;
        await using var window = await platform.SignedInAsync();
        await window.GoToAsync("/console/merchants");
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "New merchant" }).ClickAsync();
        await window.IsWellMadeAsync();
        await window.Page.GetByLabel("Name").FillAsync(name);
        await window.Page.GetByLabel("Usual cashback, in percent").FillAsync("99");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Add the merchant" }).ClickAsync();
        await Expect(window.Page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await Expect(window.Page.GetByLabel("Name")).ToHaveValueAsync(name);
        await window.IsWellMadeAsync();
        await window.Page.GetByLabel("Usual cashback, in percent").FillAsync("5");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Add the merchant" }).ClickAsync();
        await Expect(window.Heading).ToContainTextAsync(name);

        await window.Page.GetByRole(AriaRole.Link, new() { Name = "New offer" }).ClickAsync();
        await window.IsWellMadeAsync();
        await window.Page.GetByLabel("How much").FillAsync("7.5");
        await window.Page.GetByLabel("Cap for a user and month, EUR").FillAsync("50");
        await window.Page.GetByLabel("First day (UTC)").FillAsync(Person.Today.AddDays(-1).ToString("O"));
        await window.Page.GetByLabel("Last day (UTC)").FillAsync(Person.Today.AddDays(9).ToString("O"));
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Add the offer" }).ClickAsync();
        await Expect(window.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("must not be in the past");
        await window.IsWellMadeAsync();
        await window.Page.GetByLabel("First day (UTC)").FillAsync(Person.Today.ToString("O"));
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Add the offer" }).ClickAsync();
        await Expect(window.Page.GetByText("7.5 %")).ToBeVisibleAsync();

        await window.ActAsync("Make a secret");
        var secret = window.Page.Locator(".notice code", new() { HasText = "whsec_" });
        await Expect(secret).ToBeVisibleAsync();
        await window.IsWellMadeAsync();
        await window.Page.GotoAsync(window.Page.Url.Replace("/secrets", "", StringComparison.Ordinal));
        await Expect(secret).ToHaveCountAsync(0);
        await window.ActAsync("Revoke");
        await Expect(window.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("revoked");

        await window.ActAsync("Deactivate");
        await window.GoToAsync($"/console/merchants?name={Uri.EscapeDataString(name)}");
        await Expect(window.Page.Locator("tbody tr")).ToHaveCountAsync(1);
        await Expect(window.Page.GetByText("Inactive")).ToBeVisibleAsync();
        await window.IsWellMadeAsync();
    }

    [FactWith(Requirement.Chromium)]
    public async Task Offers_are_switched_off_and_on_again()
    {
        var shop = await platform.Admin.OpenShopAsync();
        await using var window = await platform.SignedInAsync();
        await window.GoToAsync($"/console/merchants/{shop.Merchant}");
        await window.Page.Locator("td").GetByText("Deactivate…").ClickAsync();
        await window.Page.Locator("td").GetByRole(AriaRole.Button, new() { Name = "Deactivate" }).ClickAsync();
        await Expect(window.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("The offer is inactive.");
        await window.GoToAsync("/console/offers");
        await window.IsWellMadeAsync();
        await window.GoToAsync("/console/offers?active=true");
        await window.IsWellMadeAsync();
        await window.GoToAsync("/console/offers/new");
        await window.IsWellMadeAsync();
    }

    [FactWith(Requirement.Chromium)]
    public async Task A_flag_is_set_switched_and_deleted()
    {
        await using var window = await platform.SignedInAsync();
        await window.GoToAsync("/console/feature-flags");
        await window.IsWellMadeAsync();
        await window.Page.GetByLabel("Key").FillAsync("Not a key");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Set the flag" }).ClickAsync();
        await Expect(window.Page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await window.IsWellMadeAsync();

        await window.Page.GetByLabel("Key").FillAsync("browser_flag");
        await window.Page.GetByLabel("Description").FillAsync(Hostile.Text);
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Set the flag" }).ClickAsync();
        await Expect(window.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("The flag is set.");
        await Expect(window.Page.GetByText(Hostile.Text)).ToBeVisibleAsync();

        await window.ActAsync("Turn off");
        await Expect(window.Page.Locator("tbody .badge")).ToHaveTextAsync("Off");
        await window.IsWellMadeAsync();
        await window.ActAsync("Delete");
        await Expect(window.Page.GetByText("There are no records")).ToBeVisibleAsync();
        await window.IsWellMadeAsync();
    }

    [FactWith(Requirement.Chromium)]
    public async Task The_ledger_is_asked_and_compared()
    {
        await using var window = await platform.SignedInAsync();
        await platform.Database.ExecuteAsync("DELETE FROM money_checks");
        await window.GoToAsync("/console/ledger");
        await window.IsWellMadeAsync();

        await window.ActAsync("Ask the money invariants now");

        await Expect(window.Page.GetByText("The ledger sums to zero")).ToBeVisibleAsync();
        await Expect(window.Page.GetByText("Merchant receivable")).ToBeVisibleAsync();
        await window.IsWellMadeAsync();
        await platform.Database.ExecuteAsync(
            "INSERT INTO money_checks SELECT now() + interval '1 minute', took, 0, violations FROM money_checks LIMIT 1"
        );
        await window.ActAsync("Ask the money invariants now");
        await Expect(window.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("seconds ago");
        var report = await window.Context.APIRequest.GetAsync($"{platform.Server.Address}console/ledger/comparison");
        Assert.Contains(
            "All of them are the sums of their transfers.",
            await report.TextAsync(),
            StringComparison.Ordinal
        );
    }

    [FactWith(Requirement.Chromium)]
    public async Task The_audit_log_is_searched_and_exported()
    {
        var shop = await platform.Admin.OpenShopAsync();
        await using var window = await platform.SignedInAsync();
        await window.GoToAsync("/console/audit");
        await window.IsWellMadeAsync();
        await window.Page.GetByLabel("Action").SelectOptionAsync("MERCHANT_ACTIVATED");
        await window.Page.GetByLabel("To (identifier)").FillAsync($"{shop.Merchant}");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await Expect(window.Page.Locator("tbody tr")).ToHaveCountAsync(1);

        var download = await window.Page.RunAndWaitForDownloadAsync(() =>
            window.Page.GetByRole(AriaRole.Link, new() { Name = "Export all" }).ClickAsync()
        );
        var lines = await File.ReadAllLinesAsync(await download.PathAsync());
        Assert.Equal(2, lines.Length);
        Assert.Contains($"{shop.Merchant}", lines[1], StringComparison.Ordinal);

        await window.GoToAsync("/console/audit?actor=nobody", (HttpStatusCode)422);
        await Expect(window.Page.GetByText("Write the whole identifier")).ToBeVisibleAsync();
        await window.IsWellMadeAsync();
    }
}
