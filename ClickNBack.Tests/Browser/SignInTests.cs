using System.Net;
using ClickNBack.Tests.Infrastructure;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ClickNBack.Tests.Browser;

/// <summary>Who gets into the console, and how they get out.</summary>
public sealed class SignInTests(ConsolePlatform platform) : IClassFixture<ConsolePlatform>
{
    private const string SessionCookie = "__Host-clicknback";

    [FactWith(Requirement.Chromium)]
    public async Task An_administrator_signs_in_and_comes_to_where_they_wanted()
    {
        await using var window = await platform.OpenAsync();
        await window.GoToAsync("/console?somewhere=else");
        await Expect(window.Heading).ToHaveTextAsync("ClickNBack");
        await window.IsWellMadeAsync();

        await window.SignInAsync(Templates.AdminEmail, Templates.AdminPassword);

        await Expect(window.Heading).ToHaveTextAsync("Overview");
        await Expect(window.Page).ToHaveURLAsync($"{platform.Server.Address}console?somewhere=else");
        await window.IsWellMadeAsync();
        var cookie = Assert.Single(await window.Context.CookiesAsync(), it => it.Name == SessionCookie);
        Assert.True(cookie is { Secure: true, HttpOnly: true, SameSite: SameSiteAttribute.Strict, Path: "/" });
    }

    [FactWith(Requirement.Chromium)]
    public async Task A_wrong_password_and_somebody_who_is_no_administrator_are_told_the_same()
    {
        var user = await platform.Server.UserAsync();
        await using var window = await platform.OpenAsync();
        foreach (var (email, password) in new[] { (Templates.AdminEmail, "wrong"), (user.Email, Person.UsualPassword) })
        {
            await window.GoToAsync("/console/sign-in");
            await window.SignInAsync(email, password);

            await Expect(window.Page.GetByRole(AriaRole.Alert))
                .ToHaveTextAsync("The e-mail is unknown or the password wrong.");
            await Expect(window.Page.GetByLabel("E-mail")).ToHaveValueAsync(email);
        }

        await window.IsWellMadeAsync();
        Assert.DoesNotContain(await window.Context.CookiesAsync(), it => it.Name == SessionCookie);
        Assert.Equal(
            1, // the one that the test itself uses
            await platform.Database.ScalarAsync<long>(
                "SELECT count(*) FROM refresh_token_families WHERE user_id = $1 AND revoked_at IS NULL",
                user.Id
            )
        );
    }

    [FactWith(Requirement.Chromium)]
    public async Task Signing_out_ends_the_session_and_not_only_the_cookie()
    {
        await using var window = await platform.SignedInAsync();
        var cookies = await window.Context.CookiesAsync();

        await window.Page.GetByText(Templates.AdminEmail).ClickAsync();
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out", Exact = true }).ClickAsync();

        await Expect(window.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("You are signed out.");
        await using var thief = await platform.OpenAsync();
        await thief.StealAsync(cookies);
        await thief.GoToAsync("/console");
        await thief.IsSignedOutAsync();
    }

    [FactWith(Requirement.Chromium)]
    public async Task Signing_out_everywhere_ends_all_logins_of_the_account()
    {
        await using var here = await platform.SignedInAsync();
        await using var there = await platform.SignedInAsync();

        await here.Page.GetByText(Templates.AdminEmail).ClickAsync();
        await here.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out everywhere" }).ClickAsync();

        await Expect(here.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("You are signed out everywhere.");
        await there.Page.ReloadAsync();
        await there.IsSignedOutAsync();
    }

    [FactWith(Requirement.Chromium)]
    public async Task What_is_not_there_is_a_page_and_no_envelope()
    {
        await using var window = await platform.SignedInAsync();
        await window.GoToAsync("/console/nowhere", HttpStatusCode.NotFound);
        await Expect(window.Heading).ToHaveTextAsync("There is nothing here");
        await window.IsWellMadeAsync();
    }

    [Fact]
    public void Where_a_browser_is_expected_its_tests_are_part_of_the_run() =>
        Assert.True(
            Environment.GetEnvironmentVariable("EXPECT_BROWSER") != "true"
                || FactWithDiscoverer.IsMet(Requirement.Chromium),
            "There is no Chromium, although EXPECT_BROWSER says that there is."
        );
}
