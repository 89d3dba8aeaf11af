using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration;

public sealed class PasswordTests(Platform platform) : IClassFixture<Platform>
{
    private const string Path = "/api/v1/users/me/password";
    private const string New = "An0ther!Pass";

    [Fact]
    public async Task Only_the_new_password_opens_the_account_from_then_on()
    {
        var person = await platform.Server.UserAsync();

        var answer = await ChangeAsync(person);

        Assert.Equal((204, ""), (answer.Status, answer.Text));
        (await LoginAsync(person, Person.UsualPassword)).Expect(401, "INVALID_CREDENTIALS");
        (await LoginAsync(person, New)).Expect(200);
    }

    [Fact]
    public async Task All_other_logins_end_and_the_one_that_asked_goes_on()
    {
        var person = await platform.Server.UserAsync();
        var elsewhere = await platform.Server.LoginAsync(person.Email, Person.UsualPassword);
        var stranger = await platform.Server.UserAsync();
        var refreshed = (await platform.Server.Anonymous.RefreshAsync(person.RefreshToken)).Expect(200);
        var asking = person with { Api = platform.Server.With(refreshed["access_token"].GetString()) };

        (await ChangeAsync(asking)).Expect(204);

        (await platform.Server.Anonymous.RefreshAsync(elsewhere.RefreshToken)).Expect(401, "TOKEN_REVOKED");
        (await platform.Server.Anonymous.RefreshAsync(refreshed["refresh_token"].GetString()!)).Expect(200);
        (await platform.Server.Anonymous.RefreshAsync(stranger.RefreshToken)).Expect(200);
    }

    [Fact]
    public async Task It_is_audited_without_a_password()
    {
        var person = await platform.Server.UserAsync();
        (await ChangeAsync(person, current: "wrong")).Expect(400, "CURRENT_PASSWORD_INCORRECT");
        (await ChangeAsync(person)).Expect(204);

        var rows = (
            await platform.Admin.Api.GetAsync($"/api/v1/admin/audit-logs?action=PASSWORD_CHANGED&actor_id={person.Id}")
        ).Expect(200);

        Assert.Equal(1, rows["pagination.total"].GetInt32());
        Assert.Equal("""{"ended_logins":0}""", rows["data.0.details"].GetRawText());
    }

    [Fact]
    public async Task A_new_password_keeps_the_rules_of_registration()
    {
        var person = await platform.Server.UserAsync();

        var answer = await ChangeAsync(person, @new: "weakpassword");

        answer.Expect(400, "PASSWORD_NOT_COMPLEX_ENOUGH");
        Assert.Equal("new_password", answer["error.details.violations.0.field"].GetString());
        (await LoginAsync(person, Person.UsualPassword)).Expect(200);
    }

    [Fact]
    public async Task Of_simultaneous_changes_one_wins()
    {
        var person = await platform.Server.UserAsync();

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 6).Select(number => ChangeAsync(person, @new: $"{New}{number}"))
        );

        var won = Assert.Single(Enumerable.Range(0, 6), number => answers[number].Status == 204);
        Assert.All(answers.Where(it => it.Status != 204), it => it.Expect(400, "CURRENT_PASSWORD_INCORRECT"));
        (await LoginAsync(person, $"{New}{won}")).Expect(200);
    }

    [Fact]
    public async Task Guesses_at_the_current_password_are_limited_together_with_logins()
    {
        var person = await platform.Server.UserAsync();
        await using var limited = await ApiServer.StartAsync(
            platform.Database,
            new ApiSetup { Settings = { ["RateLimits:Enabled"] = "true", ["RateLimits:CredentialsPerMinute"] = "3" } }
        );
        var there = person.At(limited.Anonymous);

        (await ChangeAsync(there, current: "wrong")).Expect(400);
        (await ChangeAsync(there, current: "wrong")).Expect(400);
        (await limited.Anonymous.LoginAsync(person.Email, "wrong")).Expect(401);
        (await ChangeAsync(there)).Expect(429, "RATE_LIMITED");
    }

    private static Task<Answer> ChangeAsync(Person person, string current = Person.UsualPassword, string @new = New) =>
        person.Api.PutAsync(Path, new { current_password = current, new_password = @new });

    private Task<Answer> LoginAsync(Person person, string password) =>
        platform.Server.Anonymous.LoginAsync(person.Email, password);
}
