using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration;

public sealed class RegistrationTests(Platform platform) : IClassFixture<Platform>
{
    private ApiClient Anybody => platform.Server.Anonymous;

    [Fact]
    public async Task A_new_account_is_an_active_users()
    {
        var email = $"{Unique.Text()}@clicknback.test";

        var answer = await Anybody.RegisterAsync(email, "Str0ng!Pass");

        answer.Expect(201);
        Assert.Equal(
            ["id", "email", "active", "role", "created_at"],
            answer.Json.EnumerateObject().Select(it => it.Name)
        );
        Assert.Equal(email, answer["email"].GetString());
        Assert.True(answer["active"].GetBoolean());
        Assert.Equal("user", answer["role"].GetString());
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", answer["created_at"].GetString());
        Assert.Equal(answer["id"].GetGuid().ToString(), answer["id"].GetString());
    }
}
