using ClickNBack.Tests.Infrastructure;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ClickNBack.Tests.Browser;

/// <summary>What a session of the console hangs on: whoever's it is, wherever it is served, and nothing that was there before it.</summary>
public sealed class SessionTests(ConsolePlatform platform) : IClassFixture<ConsolePlatform>
{
    private const string SessionCookie = "__Host-clicknback";

    private static readonly string[] Cookies = [SessionCookie, "__Host-clicknback-form"];

    [FactWith(Requirement.Chromium)]
    public async Task What_was_planted_before_signing_in_is_worth_nothing_afterwards()
    {
        await using var attacker = await platform.SignedInAsync();
        var ended = await attacker.Context.CookiesAsync();
        await attacker.Page.GetByText(Templates.AdminEmail).ClickAsync();
        await attacker.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out", Exact = true }).ClickAsync();
        await attacker.IsSignedOutAsync();
        var planted = ended.Where(it => Cookies.Contains(it.Name)).ToList();
        Assert.Equal(Cookies.Length, planted.Count);
        await attacker.StealAsync(planted);
        await attacker.GoToAsync("/console/sign-in");
        var form = await attacker.TokenAsync();

        await using var victim = await platform.OpenAsync();
        await victim.StealAsync(planted);
        await victim.GoToAsync("/console");
        await victim.SignInAsync(Templates.AdminEmail, Templates.AdminPassword);
        await Expect(victim.Heading).ToHaveTextAsync("Overview");

        await attacker.GoToAsync("/console");
        await attacker.IsSignedOutAsync();
        var (before, after) = (
            planted.Single(it => it.Name == SessionCookie),
            (await victim.Context.CookiesAsync()).Single(it => it.Name == SessionCookie)
        );
        Assert.NotEqual(before.Value, after.Value);
        var forged = await victim.Context.APIRequest.PostAsync(
            $"{platform.Server.Address}console/sign-out",
            new()
            {
                Form = victim.Context.APIRequest.CreateFormData().Set("__RequestVerificationToken", form),
                MaxRedirects = 0,
            }
        );
        Assert.Equal(400, forged.Status);
        await victim.GoToAsync("/console");
        await Expect(victim.Heading).ToHaveTextAsync("Overview");
    }

    [FactWith(Requirement.Chromium)]
    public async Task A_changed_password_ends_the_accounts_sessions()
    {
        var (person, window) = await PromotedAsync();
        await using var _ = window;

        (
            await person.Api.PutAsync(
                "/api/v1/users/me/password",
                new { current_password = Person.UsualPassword, new_password = "An0ther!Pass-of-a-test" }
            )
        ).Expect(204);

        await window.Page.ReloadAsync();
        await window.IsSignedOutAsync();
        await window.SignInAsync(person.Email, Person.UsualPassword);
        await Expect(window.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("wrong");
        await window.SignInAsync(person.Email, "An0ther!Pass-of-a-test");
        await Expect(window.Heading).ToHaveTextAsync("Overview");
    }

    [FactWith(Requirement.Chromium)]
    public async Task Who_is_deactivated_is_out_at_once_and_stays_out_when_the_account_comes_back()
    {
        var (person, window) = await PromotedAsync();
        await using var _ = window;
        await using var colleague = await platform.SignedInAsync();
        await colleague.GoToAsync($"/console/users/{person.Id}");

        await colleague.ActAsync("Deactivate");
        await Expect(colleague.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("inactive");
        await window.Page.ReloadAsync();
        await window.IsSignedOutAsync();
        await colleague.ActAsync("Reactivate");
        await Expect(colleague.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("again");

        await window.GoToAsync("/console");
        await window.IsSignedOutAsync();
    }

    [FactWith(Requirement.Chromium)]
    public async Task A_form_of_one_process_is_taken_by_another_and_what_that_says_is_shown_by_the_first()
    {
        var user = await platform.Server.UserAsync();
        var purchase = await user.BuyAsync(await platform.Admin.OpenShopAsync(), 50);
        await using var other = await platform.StartAnotherAsync();
        await using var window = await platform.SignedInAsync();
        await window.GoToAsync($"/console/purchases/{purchase}");

        var answer = await window.Context.APIRequest.PostAsync(
            $"{other.Address}console/purchases/{purchase}/confirm",
            new()
            {
                Form = window
                    .Context.APIRequest.CreateFormData()
                    .Set("__RequestVerificationToken", await window.TokenAsync()),
                MaxRedirects = 0,
            }
        );

        Assert.Equal(302, answer.Status);
        await window.Page.ReloadAsync();
        await Expect(window.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("is confirmed");
        Assert.Equal("confirmed", await user.StatusOfAsync(purchase));
    }

    [FactWith(Requirement.Chromium)]
    public async Task A_session_outlives_the_key_that_was_current_when_it_began()
    {
        await using var window = await platform.SignedInAsync();
        var former = await KeyOfSessionAsync(window);
        var now = TimeProvider.System.GetUtcNow();
        var newer = platform
            .Server.Services.GetRequiredService<IKeyManager>()
            .CreateNewKey(activationDate: now, expirationDate: now.AddDays(90));

        await using var next = await platform.StartAnotherAsync();
        await using var later = await ConsolePlatform.SignedInAsync(next);
        Assert.Equal(newer.KeyId, await KeyOfSessionAsync(later));

        await window.GoToAsync($"{next.Address}console");
        await Expect(window.Heading).ToHaveTextAsync("Overview");
        Assert.Equal(former, await KeyOfSessionAsync(window));
        Assert.NotEqual(former, newer.KeyId);
    }

    // An administrator who is not the one of all other tests, signed in.
    private async Task<(Person Person, BrowserWindow Window)> PromotedAsync()
    {
        var person = await platform.Server.UserAsync();
        await platform.Database.ExecuteAsync("UPDATE users SET role = 'admin' WHERE id = $1", person.Id);
        var window = await platform.OpenAsync();
        await window.GoToAsync("/console");
        await window.SignInAsync(person.Email, Person.UsualPassword);
        await Expect(window.Heading).ToHaveTextAsync("Overview");
        return (person, window);
    }

    // What is protected begins with four bytes that say so, and the key's identifier.
    private static async Task<Guid> KeyOfSessionAsync(BrowserWindow window)
    {
        var cookie = (await window.Context.CookiesAsync()).Single(it => it.Name == SessionCookie);
        return new Guid(WebEncoders.Base64UrlDecode(cookie.Value).AsSpan(4, 16));
    }
}
