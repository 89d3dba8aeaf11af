using ClickNBack.Api.Auth;
using ClickNBack.Api.Users;
using ClickNBack.Tests.Infrastructure;
using ClickNBack.Tests.Unit.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;

namespace ClickNBack.Tests.Integration;

/// <summary>What an access token is worth; the matrix of all routes and callers is in the contract's tests.</summary>
public sealed class AuthorizationTests(Platform platform) : IClassFixture<Platform>
{
    private const string Me = "/api/v1/users/me";
    private const string Id = "00000000-0000-0000-0000-000000000001";

    [Theory]
    [InlineData("bearer")]
    [InlineData("BEARER")]
    public async Task The_schemes_name_may_be_written_in_any_case(string scheme)
    {
        var header = ("Authorization", $"{scheme} {platform.Admin.Api.AccessToken}");

        (await platform.Server.Anonymous.SendAsync(HttpMethod.Get, Me, null, header)).Expect(200);
    }

    [Theory]
    [InlineData("Basic cm9vdDpyb290")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer a.b.c")]
    [InlineData("Bearer ....")]
    [InlineData("Bearer eyJhbGciOiJcdWQ4MDAifQ.e30.AAAA")] // {"alg":"\ud800"}: no text, though it is JSON
    [InlineData("Token abc")]
    public async Task Another_scheme_or_garbage_is_no_token(string authorization)
    {
        var answer = await platform.Server.Anonymous.SendAsync(
            HttpMethod.Get,
            Me,
            null,
            ("Authorization", authorization)
        );

        answer.Expect(401, "INVALID_TOKEN");
    }

    [Fact]
    public async Task A_token_that_is_no_text_does_not_hide_that_the_api_is_ready()
    {
        var token = $"{Jwt.Part("""{"alg":"\ud800"}""")}.e30.AAAA";

        (await platform.Server.With(token).GetAsync("/health/ready")).Expect(200);
    }

    [Fact]
    public async Task Tokens_that_were_tampered_with_or_signed_elsewhere_are_refused()
    {
        var user = await platform.Server.UserAsync();
        var parts = user.Api.AccessToken!.Split('.');
        var claims =
            $$"""{"user_id":"{{platform.Admin.Id}}","user_role":"admin","exp":4102444800,"token_type":"access"}""";
        var foreign = Jwt.Sign(claims, new string('k', 32));
        string[] tokens =
        [
            foreign,
            $"{parts[0]}.{foreign.Split('.')[1]}.{parts[2]}",
            $"eyJhbGciOiJub25lIn0.{foreign.Split('.')[1]}.",
            $"{parts[0]}.{parts[1]}.",
            $"{parts[0]}.{parts[1]}",
            $"{user.Api.AccessToken}=",
            user.Api.AccessToken[..^2],
            user.RefreshToken,
        ];

        foreach (var token in tokens)
        {
            (await platform.Server.With(token).GetAsync(Me)).Expect(401, "INVALID_TOKEN");
        }
    }

    [Fact]
    public async Task A_token_of_an_account_that_does_not_exist_is_refused()
    {
        var tokens = platform.Server.Services.GetRequiredService<TokenService>();
        var token = tokens.IssueAccessToken(new Guid(Id), Role.Admin, Guid.Empty);

        (await platform.Server.With(token).GetAsync(Me)).Expect(401, "INVALID_TOKEN");
    }

    [Fact]
    public async Task An_access_token_expires_after_15_minutes()
    {
        var clock = new ManualClock();
        await using var server = await ApiServer.StartAsync(platform.Database, new ApiSetup { Clock = clock });
        var user = await server.UserAsync();
        clock.Advance(TimeSpan.FromMinutes(15) - TimeSpan.FromSeconds(1));
        (await user.Api.GetAsync(Me)).Expect(200);
        clock.Advance(TimeSpan.FromSeconds(1));

        var answer = await user.Api.GetAsync(Me);

        answer.Expect(401, "EXPIRED_TOKEN");
        Assert.Equal("Bearer", answer.Headers["WWW-Authenticate"]);
    }

    [Fact]
    public async Task An_account_that_is_switched_off_is_refused_at_once()
    {
        var user = await platform.Server.UserAsync();
        await platform.Database.ExecuteAsync("UPDATE users SET active = false WHERE id = $1", user.Id);

        var answer = await user.Api.GetAsync(Me);

        answer.Expect(401, "USER_INACTIVE");
        Assert.Equal(user.Id, answer.Details.GetProperty("user_id").GetGuid());
    }

    [Fact]
    public async Task A_role_is_the_accounts_and_not_the_tokens()
    {
        var user = await platform.Server.UserAsync();
        await platform.Database.ExecuteAsync("UPDATE users SET role = 'admin' WHERE id = $1", user.Id);
        (await user.Api.GetAsync("/api/v1/merchants/")).Expect(200);
        await platform.Database.ExecuteAsync("UPDATE users SET role = 'user' WHERE id = $1", user.Id);

        (await user.Api.GetAsync("/api/v1/merchants/")).Expect(401, "INVALID_TOKEN");
    }

    [Fact]
    public async Task Tokens_outlive_a_rotation_of_the_signing_key_as_long_as_the_old_one_is_kept()
    {
        const string OldKey = "the old signing key, 32 characters or more";
        await using var before = await WithKeysAsync(OldKey, "");
        await using var during = await WithKeysAsync("the new signing key, 32 characters or more", OldKey);
        await using var after = await WithKeysAsync("the new signing key, 32 characters or more", "");
        var user = await before.UserAsync();

        (await during.With(user.Api.AccessToken).GetAsync(Me)).Expect(200);
        var renewed = (await during.Anonymous.RefreshAsync(user.RefreshToken)).Expect(200);

        (await after.With(user.Api.AccessToken).GetAsync(Me)).Expect(401, "INVALID_TOKEN");
        (await after.With(renewed["access_token"].GetString()).GetAsync(Me)).Expect(200);
    }

    private Task<ApiServer> WithKeysAsync(string key, string previous) =>
        ApiServer.StartAsync(
            platform.Database,
            new ApiSetup
            {
                Settings = new()
                {
                    ["Authentication:SigningKey"] = key,
                    ["Authentication:PreviousSigningKey"] = previous,
                },
            }
        );

    [Theory]
    [InlineData("/api/v1/users/me/wallet/transactions?limit=0", "VALIDATION_ERROR")]
    [InlineData("/api/v1/users/me/purchases?limit=0", "VALIDATION_ERROR")]
    [InlineData("/api/v1/users/me/purchases?status=none", "INVALID_PURCHASE_STATUS")]
    [InlineData("/api/v1/users/me/payouts?status=none", "VALIDATION_ERROR")]
    [InlineData("/api/v1/offers/active?offset=-1", "VALIDATION_ERROR")]
    public async Task An_account_that_was_switched_off_is_not_even_told_what_is_wrong_with_its_request(
        string path,
        string code
    )
    {
        var user = await platform.Server.UserAsync();
        Assert.Equal(code, (await user.Api.GetAsync(path)).Code);

        await platform.Database.ExecuteAsync("UPDATE users SET active = false WHERE id = $1", user.Id);

        var answer = await user.Api.GetAsync(path);
        answer.Expect(401, "USER_INACTIVE");
        Assert.Equal("Bearer", answer.Headers["WWW-Authenticate"]);
    }
}
