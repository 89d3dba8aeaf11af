using System.Globalization;
using System.Net.Http.Json;
using ClickNBack.Api.Http;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration;

/// <summary>Three logins and fifty requests a minute; clients come through an edge that says their address.</summary>
public sealed class RateLimitTests : IAsyncLifetime
{
    private const string Here = "203.0.113.1";
    private const string There = "203.0.113.2";

    private TestDatabase _database = null!;
    private ApiServer _unlimited = null!;
    private ApiServer _server = null!;

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        _unlimited = await ApiServer.StartAsync(_database);
        _server = await ApiServer.StartAsync(
            _database,
            new ApiSetup
            {
                Settings =
                {
                    ["ForwardedHeaders_Enabled"] = "true",
                    ["RateLimits:Enabled"] = "true",
                    ["RateLimits:CredentialsPerMinute"] = "3",
                    ["RateLimits:RequestsPerMinute"] = "50",
                },
            }
        );
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        await _unlimited.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Logins_of_one_address_do_not_use_up_anything_else()
    {
        var person = await _unlimited.UserAsync();

        var logins = await SixAsync(number => LoginAsync(Here, $"nobody{number}@b.example"));

        Assert.Equal([401, 401, 401, 429, 429, 429], logins.Select(it => it.Status).Order());
        var refused = logins.First(it => it.Status == 429).Expect(429, "RATE_LIMITED");
        Assert.InRange(int.Parse(refused.Headers["Retry-After"], CultureInfo.InvariantCulture), 1, 60);
        (await LoginAsync(There, person.Email, Person.UsualPassword)).Expect(200);
        (await PostAsync(Here, "/api/v1/auth/refresh", new { refresh_token = person.RefreshToken })).Expect(200);
        (await RegisterAsync(Here)).Expect(201);
    }

    [Fact]
    public async Task Logins_to_one_account_are_limited_wherever_they_come_from()
    {
        var logins = await SixAsync(number => LoginAsync($"198.51.100.{number}", "Somebody@b.example"));

        Assert.Equal([401, 401, 401, 429, 429, 429], logins.Select(it => it.Status).Order());
        (await LoginAsync(There, "somebody@B.example")).Expect(429);
        (await LoginAsync(There, "another@b.example")).Expect(401);
    }

    [Fact]
    public async Task Addresses_of_one_customer_of_IPv6_are_counted_together()
    {
        var registrations = await SixAsync(number => RegisterAsync($"2001:db8:0:1::{number}"));

        Assert.Equal([201, 201, 201, 429, 429, 429], registrations.Select(it => it.Status).Order());
        (await RegisterAsync("2001:db8:0:2::1")).Expect(201);
    }

    [Fact]
    public async Task Refreshes_are_limited_for_each_login_by_itself()
    {
        var (one, other) = (await _unlimited.UserAsync(), await _unlimited.UserAsync());
        var token = one.RefreshToken;
        for (var refresh = 0; refresh < 3; refresh++)
        {
            token = (await RefreshAsync(token)).Expect(200)["refresh_token"].GetString()!;
        }

        (await RefreshAsync(token)).Expect(429, "RATE_LIMITED");
        (await RefreshAsync(other.RefreshToken)).Expect(200);

        Task<Answer> RefreshAsync(string refreshToken) =>
            PostAsync(Here, "/api/v1/auth/refresh", new { refresh_token = refreshToken });
    }

    [Fact]
    public async Task Requests_are_limited_by_user_without_a_question_to_the_database()
    {
        var one = _server.With((await _unlimited.UserAsync()).Api.AccessToken);
        var other = _server.With((await _unlimited.UserAsync()).Api.AccessToken);
        var reads = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => one.GetAsync("/api/v1/users/me")));
        Assert.InRange(reads.Count(it => it.Status == 200), 50, 59);
        (await other.GetAsync("/api/v1/users/me")).Expect(200);
        await _database.RefuseConnectionsAsync();

        var refused = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => one.GetAsync("/api/v1/users/me")));

        Assert.InRange(refused.Count(it => it.Status == 429), 50, 60);
        (await other.GetAsync("/api/v1/users/me")).Expect(503);
        await _database.AcceptConnectionsAsync();
    }

    [Theory]
    [InlineData("/api/v1/nothing")]
    [InlineData("/nothing")]
    [InlineData("/openapi.json")]
    [InlineData("/api/v1/users/me")]
    public async Task Nobody_is_without_a_limit(string path)
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => _server.Anonymous.GetAsync(path)));

        answers.First(it => it.Status == 429).Expect(429, "RATE_LIMITED");
        (await _server.Anonymous.GetAsync("/ready")).Expect(200);
    }

    [Fact]
    public void A_limit_is_what_was_configured() =>
        Assert.All(
            Enumerable.Range(1, 1000).Append(1_000_000),
            perMinute =>
            {
                var bucket = RateLimits.TokensOf(perMinute);

                Assert.Equal(perMinute, bucket.TokenLimit);
                Assert.Equal(perMinute, bucket.TokensPerPeriod / bucket.ReplenishmentPeriod.TotalMinutes, 0.01);
                Assert.InRange(bucket.ReplenishmentPeriod.TotalSeconds, 0.5, 60);
            }
        );

    private static Task<Answer[]> SixAsync(Func<int, Task<Answer>> ask) =>
        Task.WhenAll(Enumerable.Range(1, 6).Select(ask));

    private Task<Answer> LoginAsync(string address, string email, string password = "wrong") =>
        PostAsync(address, "/api/v1/auth/login", new { email, password });

    private Task<Answer> RegisterAsync(string address) =>
        PostAsync(
            address,
            "/api/v1/users/",
            new { email = $"{Unique.Text()}@b.example", password = Person.UsualPassword }
        );

    private Task<Answer> PostAsync(string address, string path, object body) =>
        _server.Anonymous.SendAsync(HttpMethod.Post, path, JsonContent.Create(body), ("X-Forwarded-For", address));
}
