using System.Buffers.Text;
using System.Text.Json;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration;

public sealed class LoginTests(Platform platform) : IClassFixture<Platform>
{
    private ApiClient Anybody => platform.Server.Anonymous;

    [Fact]
    public async Task A_login_answers_a_pair_of_bearer_tokens()
    {
        var person = await platform.Server.UserAsync();

        var answer = await Anybody.LoginAsync(person.Email, Person.UsualPassword);

        answer.Expect(200);
        Assert.Equal(
            ["access_token", "refresh_token", "token_type"],
            answer.Json.EnumerateObject().Select(it => it.Name)
        );
        Assert.Equal("bearer", answer["token_type"].GetString());
    }

    [Fact]
    public async Task The_access_token_carries_the_contracts_claims()
    {
        var person = await platform.Server.UserAsync();

        var claims = ClaimsOf(person.Api.AccessToken!);

        Assert.Equal(person.Id, claims.GetProperty("user_id").GetGuid());
        Assert.Equal("user", claims.GetProperty("user_role").GetString());
        Assert.Equal("access", claims.GetProperty("token_type").GetString());
        var lifetime = claims.GetProperty("exp").GetInt64() - TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        Assert.InRange(lifetime, 14 * 60, 15 * 60);
    }

    [Fact]
    public async Task The_refresh_token_carries_the_contracts_claims()
    {
        var person = await platform.Server.UserAsync();

        var claims = ClaimsOf(person.RefreshToken);

        Assert.Equal(person.Id, claims.GetProperty("user_id").GetGuid());
        Assert.Equal("refresh", claims.GetProperty("token_type").GetString());
        Assert.True(claims.TryGetProperty("jti", out _));
        var lifetime = claims.GetProperty("exp").GetInt64() - TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        Assert.InRange(lifetime, (30 * 86_400) - 60, 30 * 86_400);
    }

    [Fact]
    public async Task An_unknown_email_and_a_wrong_password_get_the_same_answer()
    {
        var person = await platform.Server.UserAsync();

        var wrong = await Anybody.LoginAsync(person.Email, "Wr0ng!Pass");
        var unknown = await Anybody.LoginAsync("nobody@clicknback.test", Person.UsualPassword);

        wrong.Expect(401, "INVALID_CREDENTIALS");
        unknown.Expect(401, "INVALID_CREDENTIALS");
        Assert.Equal(wrong["error.message"].GetString(), unknown["error.message"].GetString());
    }

    [Theory]
    [InlineData("""{"email":"invalid","password":"x"}""", "email")]
    [InlineData("""{"email":"a@clicknback.test"}""", "password")]
    [InlineData("""{"email":"a@clicknback.test","password":["x"]}""", "password")]
    public async Task A_malformed_login_is_refused_by_its_field(string body, string field)
    {
        var answer = await Anybody.SendTextAsync(HttpMethod.Post, "/api/v1/auth/login", body);

        answer.Expect(422, "VALIDATION_ERROR");
        Assert.Equal(field, answer["error.details.violations.0.field"].GetString());
    }

    [Fact]
    public async Task The_email_may_be_written_in_any_case()
    {
        var person = await platform.Server.UserAsync();

        (await Anybody.LoginAsync(person.Email.ToUpperInvariant(), Person.UsualPassword)).Expect(200);
    }

    [Fact]
    public async Task An_account_sees_itself()
    {
        var person = await platform.Server.UserAsync();

        var answer = await person.Api.GetAsync("/api/v1/users/me");

        answer.Expect(200);
        Assert.Equal(
            ["id", "email", "active", "role", "created_at"],
            answer.Json.EnumerateObject().Select(it => it.Name)
        );
        Assert.Equal(person.Email, answer["email"].GetString());
    }

    private static JsonElement ClaimsOf(string token) =>
        JsonDocument.Parse(Base64Url.DecodeFromChars(token.Split('.')[1])).RootElement;
}
