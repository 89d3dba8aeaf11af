using System.Buffers.Text;
using System.Text.Json;
using ClickNBack.Api.Auth;
using ClickNBack.Tests.Infrastructure;
using ClickNBack.Tests.Unit.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;

namespace ClickNBack.Tests.Integration;

public sealed class RefreshTests(Platform platform) : IClassFixture<Platform>
{
    private readonly ManualClock _clock = new();

    private ApiClient Anybody => platform.Server.Anonymous;

    [Fact]
    public async Task A_refresh_token_is_exchanged_for_a_new_pair()
    {
        var person = await platform.Server.UserAsync();

        var answer = await Anybody.RefreshAsync(person.RefreshToken);

        answer.Expect(200);
        Assert.Equal(
            ["access_token", "refresh_token", "token_type"],
            answer.Json.EnumerateObject().Select(it => it.Name)
        );
        Assert.NotEqual(person.RefreshToken, answer["refresh_token"].GetString());
        var renewed = platform.Server.With(answer["access_token"].GetString());
        Assert.Equal(person.Id, (await renewed.GetAsync("/api/v1/users/me")).Expect(200)["id"].GetGuid());
    }

    [Fact]
    public async Task Each_exchange_counts_the_rotations_and_keeps_only_hashes()
    {
        var person = await platform.Server.UserAsync();
        var second = await SuccessorAsync(platform.Server, person.RefreshToken);
        var third = await SuccessorAsync(platform.Server, second);

        var stored = await platform.Database.RowsAsync(
            "SELECT rotation_count, used_at IS NOT NULL, token_hash FROM refresh_tokens WHERE user_id = $1 ORDER BY 1",
            person.Id
        );
        Assert.Equal(
            [
                $"0 True {TokenService.Hash(person.RefreshToken)}",
                $"1 True {TokenService.Hash(second)}",
                $"2 False {TokenService.Hash(third)}",
            ],
            stored
        );
    }

    [Fact]
    public async Task A_spent_token_that_comes_back_within_30_seconds_is_refused_and_nothing_else_happens()
    {
        await using var server = await ClockedAsync();
        var person = await server.UserAsync();
        var successor = await SuccessorAsync(server, person.RefreshToken);
        _clock.Advance(TimeSpan.FromSeconds(30));

        var answer = await server.Anonymous.RefreshAsync(person.RefreshToken);

        answer.Expect(401, "TOKEN_REVOKED");
        Assert.Contains("revoked", answer["error.message"].GetString());
        (await server.Anonymous.RefreshAsync(successor)).Expect(200);
    }

    [Fact]
    public async Task A_spent_token_that_comes_back_later_revokes_its_whole_family()
    {
        await using var server = await ClockedAsync();
        var person = await server.UserAsync();
        var successor = await SuccessorAsync(server, person.RefreshToken);
        _clock.Advance(TimeSpan.FromSeconds(31));

        (await server.Anonymous.RefreshAsync(person.RefreshToken)).Expect(401, "TOKEN_REVOKED");

        (await server.Anonymous.RefreshAsync(successor)).Expect(401, "TOKEN_REVOKED");
        Assert.Equal(
            ["system  success"],
            await platform.Database.RowsAsync(
                "SELECT actor_type, actor_id, outcome FROM audit_logs WHERE action = 'REFRESH_TOKEN_REUSED' AND resource_id = $1",
                person.Id
            )
        );
    }

    [Fact]
    public async Task A_stolen_token_ends_its_own_login_and_no_other()
    {
        await using var server = await ClockedAsync();
        var person = await server.UserAsync();
        var elsewhere = await server.LoginAsync(person.Email, Person.UsualPassword);
        await SuccessorAsync(server, person.RefreshToken);
        _clock.Advance(TimeSpan.FromMinutes(1));

        (await server.Anonymous.RefreshAsync(person.RefreshToken)).Expect(401, "TOKEN_REVOKED");

        (await server.Anonymous.RefreshAsync(elsewhere.RefreshToken)).Expect(200);
    }

    [Fact]
    public async Task A_refresh_token_expires_after_30_days()
    {
        await using var server = await ClockedAsync();
        var person = await server.UserAsync();
        _clock.Advance(TimeSpan.FromDays(30) - TimeSpan.FromSeconds(1));
        var successor = await SuccessorAsync(server, person.RefreshToken);
        _clock.Advance(TimeSpan.FromDays(30));

        (await server.Anonymous.RefreshAsync(successor)).Expect(401, "EXPIRED_REFRESH_TOKEN");
    }

    [Fact]
    public async Task What_is_no_refresh_token_of_ours_is_refused()
    {
        var person = await platform.Server.UserAsync();
        var neverStored = platform.Server.Services.GetRequiredService<TokenService>().IssueRefreshToken(person.Id);

        foreach (var token in new[] { "", "garbage", "a.b.c", person.Api.AccessToken!, neverStored, "ünï\ud83d\ude00" })
        {
            (await Anybody.RefreshAsync(token)).Expect(401, "INVALID_REFRESH_TOKEN");
        }
    }

    [Fact]
    public async Task A_refresh_without_a_token_is_malformed()
    {
        var answer = await Anybody.PostAsync("/api/v1/auth/refresh", new { });

        answer.Expect(422, "VALIDATION_ERROR");
        Assert.Equal("refresh_token", answer["error.details.violations.0.field"].GetString());
    }

    [Fact]
    public async Task Of_20_simultaneous_uses_exactly_one_wins()
    {
        for (var round = 0; round < 20; round++)
        {
            var person = await platform.Server.UserAsync();

            var answers = await Task.WhenAll(
                Enumerable.Range(0, 20).Select(_ => Anybody.RefreshAsync(person.RefreshToken))
            );

            var winner = Assert.Single(answers, it => it.Status == 200);
            Assert.All(answers.Where(it => it != winner), it => it.Expect(401, "TOKEN_REVOKED"));
            (await Anybody.RefreshAsync(winner["refresh_token"].GetString()!)).Expect(200);
        }
    }

    [Fact]
    public async Task The_new_access_token_has_the_accounts_current_role()
    {
        var person = await platform.Server.UserAsync();
        await platform.Database.ExecuteAsync("UPDATE users SET role = 'admin' WHERE id = $1", person.Id);

        var answer = await Anybody.RefreshAsync(person.RefreshToken);

        var payload = answer.Expect(200)["access_token"].GetString()!.Split('.')[1];
        using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(payload));
        Assert.Equal("admin", claims.RootElement.GetProperty("user_role").GetString());
    }

    [Fact]
    public async Task Logging_out_ends_the_whole_login()
    {
        var person = await platform.Server.UserAsync();
        var successor = await SuccessorAsync(platform.Server, person.RefreshToken);

        var answer = await LogoutAsync(person, person.RefreshToken);

        answer.Expect(204);
        Assert.Empty(answer.Text);
        (await Anybody.RefreshAsync(successor)).Expect(401, "TOKEN_REVOKED");
    }

    [Fact]
    public async Task Logging_out_twice_is_no_error()
    {
        var person = await platform.Server.UserAsync();
        (await LogoutAsync(person, person.RefreshToken)).Expect(204);

        (await LogoutAsync(person, person.RefreshToken)).Expect(204);
    }

    [Fact]
    public async Task Logging_out_here_leaves_the_login_elsewhere()
    {
        var person = await platform.Server.UserAsync();
        var elsewhere = await platform.Server.LoginAsync(person.Email, Person.UsualPassword);

        (await LogoutAsync(person, person.RefreshToken)).Expect(204);

        (await Anybody.RefreshAsync(elsewhere.RefreshToken)).Expect(200);
    }

    [Fact]
    public async Task Nobody_logs_somebody_else_out()
    {
        var person = await platform.Server.UserAsync();
        var stranger = await platform.Server.UserAsync();

        (await LogoutAsync(stranger, person.RefreshToken)).Expect(401, "INVALID_REFRESH_TOKEN");

        (await Anybody.RefreshAsync(person.RefreshToken)).Expect(200);
    }

    private Task<ApiServer> ClockedAsync() => ApiServer.StartAsync(platform.Database, new ApiSetup { Clock = _clock });

    private static async Task<string> SuccessorAsync(ApiServer server, string refreshToken) =>
        (await server.Anonymous.RefreshAsync(refreshToken)).Expect(200)["refresh_token"].GetString()!;

    private static Task<Answer> LogoutAsync(Person person, string refreshToken) =>
        person.Api.PostAsync("/api/v1/auth/logout", new { refresh_token = refreshToken });
}
