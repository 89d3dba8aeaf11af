using System.Net;
using ClickNBack.Tests.Infrastructure;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ClickNBack.Tests.Browser;

/// <summary>What administrators decide in the console: purchases and cases.</summary>
public sealed class DecisionTests(ConsolePlatform platform) : IClassFixture<ConsolePlatform>
{
    [FactWith(Requirement.Chromium)]
    public async Task A_complaint_is_followed_from_the_user_to_the_reversal()
    {
        var user = await platform.Server.UserAsync();
        var shop = await platform.Admin.OpenShopAsync();
        await user.BuyAsync(shop, 80, "order of the complaint");
        await using var window = await platform.SignedInAsync();

        await window.GoToAsync("/console/purchases");
        await window.Page.GetByLabel("User").FillAsync(user.Email.ToUpperInvariant());
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await window.IsWellMadeAsync();
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "order of the complaint" }).ClickAsync();
        await window.IsWellMadeAsync();
        await window.Page.Keyboard.PressAsync("c");
        await window.Page.Keyboard.PressAsync("Enter");
        await Expect(window.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("is confirmed");
        Assert.Equal(new Balances("0.00", "4.00"), await user.WalletAsync());

        await window.Page.GetByText("Reverse…").ClickAsync();
        await window.Page.GetByLabel("Reason").FillAsync("Returned, says the merchant");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Reverse" }).ClickAsync();

        await Expect(window.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("The purchase is reversed.");
        await Expect(window.Page.GetByText("Returned, says the merchant")).ToBeVisibleAsync();
        await window.IsWellMadeAsync();
        Assert.Equal(new Balances("0.00", "0.00"), await user.WalletAsync());
    }

    [FactWith(Requirement.Chromium)]
    public async Task Of_two_administrators_one_decides_a_case_and_the_other_sees_how()
    {
        var (user, _) = await platform.DisputedAsync("order twice decided");
        await using var one = await platform.SignedInAsync();
        await using var other = await platform.SignedInAsync();
        await OpenAsync(one);
        await OpenAsync(other);
        await one.IsWellMadeAsync();

        await one.Page.GetByLabel("Why").FillAsync("The receipt says so");
        await one.Page.GetByRole(AriaRole.Button, new() { Name = "Confirm" }).ClickAsync();
        await Expect(one.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Decided: confirm.");
        await other.Page.GetByLabel("Why").FillAsync("I do not believe it");
        await other.Page.GetByRole(AriaRole.Button, new() { Name = "Reject" }).ClickAsync();

        await Expect(other.Page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await Expect(other.Page.GetByRole(AriaRole.Heading, new() { Name = "Decided: confirm" })).ToBeVisibleAsync();
        await other.IsWellMadeAsync();
        Assert.Equal("2.50", (await user.WalletAsync()).Available);

        static async Task OpenAsync(BrowserWindow window)
        {
            await window.GoToAsync("/console/cases");
            await window.IsWellMadeAsync();
            await window.Page.GetByRole(AriaRole.Link, new() { Name = "order twice decided" }).ClickAsync();
            await Expect(window.Page.GetByLabel("Why")).ToBeVisibleAsync();
        }
    }

    [FactWith(Requirement.Chromium)]
    public async Task Cases_are_decided_in_the_order_of_their_age_with_keys_alone()
    {
        var (_, older) = await platform.DisputedAsync("order put off");
        var (user, younger) = await platform.DisputedAsync("order decided by key");
        var oldest = await platform.Database.ScalarAsync<Guid>(
            "SELECT id FROM cases WHERE decided_at IS NULL ORDER BY opened_at, id LIMIT 1"
        );
        await using var window = await platform.SignedInAsync();
        await window.GoToAsync("/console/cases");
        await window.Page.Keyboard.PressAsync("o");
        await window.Page.WaitForURLAsync($"**/cases/{oldest}");
        await window.GoToAsync($"/console/cases/{older}");
        await window.Page.Keyboard.PressAsync("n");
        await window.Page.WaitForURLAsync($"**/cases/{younger}");

        await window.Page.Keyboard.PressAsync("c");
        await Expect(window.Page.GetByLabel("Why")).ToBeFocusedAsync(); // says the browser: it may not be empty
        await window.Page.Keyboard.PressAsync("Escape");
        await window.Page.Keyboard.PressAsync("w");
        await window.Page.Keyboard.TypeAsync("As it was claimed");
        await window.Page.Keyboard.PressAsync("Escape");
        await window.Page.Keyboard.PressAsync("c");

        await Expect(window.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Decided: confirm.");
        Assert.Equal("2.50", (await user.WalletAsync()).Available);
        await window.Page.WaitForURLAsync($"**/cases/{oldest}");
    }

    [FactWith(Requirement.Chromium)]
    public async Task Neither_a_double_click_nor_going_back_decides_twice()
    {
        var (user, id) = await platform.DisputedAsync("order sent again");
        await using var window = await platform.SignedInAsync();
        await window.GoToAsync($"/console/cases/{id}");
        await window.Page.GetByLabel("Why").FillAsync("As it was claimed");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Confirm" }).DblClickAsync();
        await Expect(window.Page.GetByRole(AriaRole.Status)).ToBeVisibleAsync();

        await window.Page.GoBackAsync();

        await Expect(window.Page.GetByRole(AriaRole.Heading, new() { Name = "Decided: confirm" })).ToBeVisibleAsync();
        Assert.Equal("2.50", (await user.WalletAsync()).Available);
        await platform.Database.InvariantsHoldAsync();
    }

    [FactWith(Requirement.Chromium)]
    public async Task Who_claims_too_much_is_seen_with_what_was_refused_and_the_case_dismissed()
    {
        await using var strict = await ApiServer.StartAsync(
            platform.Database,
            new ApiSetup { Settings = { ["Claims:MaxPerDay"] = "1" } }
        );
        var user = (await platform.Server.UserAsync()).At(strict.Anonymous);
        var shop = await platform.Admin.OpenShopAsync();
        await user.BuyAsync(shop, 50, "order that was taken");
        (await user.TryBuyAsync(shop, 60, Hostile.Text)).Expect(422);
        await using var window = await platform.SignedInAsync();
        await window.GoToAsync("/console/cases");
        await window.IsWellMadeAsync();
        await window
            .Page.GetByRole(AriaRole.Row, new() { Name = user.Email })
            .GetByRole(AriaRole.Link, new() { Name = "Claims of" })
            .ClickAsync();
        await Expect(window.Page.GetByText(Hostile.Text)).ToBeVisibleAsync();
        await Expect(window.Page.GetByText("€60.00")).ToBeVisibleAsync();
        await window.IsWellMadeAsync();
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "Purchases of that day" }).ClickAsync();
        await Expect(window.Page.GetByText("order that was taken")).ToBeVisibleAsync();
        await window.Page.GoBackAsync();

        await window.Page.GetByLabel("Why").FillAsync("Called; it is a shop's buyer");
        await Expect(window.Page.GetByRole(AriaRole.Button, new() { Name = "Confirm" })).ToHaveCountAsync(0);
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Dismiss" }).ClickAsync();

        await Expect(window.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Decided: dismiss.");
        await window.GoToAsync("/console/cases");
        await Expect(window.Page.GetByText(user.Email)).ToHaveCountAsync(0);
    }

    [FactWith(Requirement.Chromium)]
    public async Task Whoever_loses_the_role_is_out_at_once_and_does_nothing_more()
    {
        var (user, id) = await platform.DisputedAsync("order of a fallen administrator");
        var fallen = await platform.Server.UserAsync();
        await platform.Database.ExecuteAsync("UPDATE users SET role = 'admin' WHERE id = $1", fallen.Id);
        await using var window = await platform.OpenAsync();
        await window.GoToAsync($"/console/cases/{id}");
        await window.SignInAsync(fallen.Email, Person.UsualPassword);
        await window.Page.GetByLabel("Why").FillAsync("For a friend");

        await platform.Database.ExecuteAsync("UPDATE users SET role = 'user' WHERE id = $1", fallen.Id);
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Confirm" }).ClickAsync();

        await window.IsSignedOutAsync();
        Assert.Equal("2.50", (await user.WalletAsync()).Pending);
    }

    [FactWith(Requirement.Chromium)]
    public async Task A_form_of_somebody_elses_is_refused()
    {
        var user = await platform.Server.UserAsync();
        var purchase = await user.BuyAsync(await platform.Admin.OpenShopAsync(), 50);
        await using var window = await platform.SignedInAsync();
        foreach (var path in (string[])[$"purchases/{purchase}/confirm", $"purchases/{purchase}/reverse", "sign-out"])
        {
            var answer = await window.Page.APIRequest.PostAsync(
                $"/console/{path}",
                new() { Form = window.Page.APIRequest.CreateFormData().Set("reason", "none") }
            );
            Assert.Equal((int)HttpStatusCode.BadRequest, answer.Status);
        }

        Assert.Equal("pending", await user.StatusOfAsync(purchase));
    }
}
