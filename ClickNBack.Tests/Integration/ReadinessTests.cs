using System.Net.Http.Json;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration;

public sealed class ReadinessTests(Platform platform) : IClassFixture<Platform>
{
    [Theory]
    [InlineData("/health", "alive")]
    [InlineData("/health/live", "alive")]
    [InlineData("/ready", "ready")]
    [InlineData("/health/ready", "ready")]
    public async Task Health_answers_at_both_paths(string path, string status)
    {
        Assert.Equal(
            $$"""{"status":"{{status}}"}""",
            (await platform.Server.Anonymous.GetAsync(path)).Expect(200).Text
        );
    }

    [Fact]
    public async Task The_api_gets_ready_when_its_database_is_migrated()
    {
        await using var database = await TestDatabase.CreateBlankAsync();
        await using var server = await ApiServer.StartAsync(database, new ApiSetup { VerificationJob = true });
        var before = await server.Anonymous.GetAsync("/ready");

        await Templates.MigrateAsync(database.OwnerConnectionString, []);

        Assert.Equal("""{"status":"unavailable"}""", before.Expect(503).Text);
        (await server.Anonymous.GetAsync("/ready")).Expect(200);
        (await server.Anonymous.GetAsync("/health")).Expect(200);
    }

    [Fact]
    public async Task Readiness_follows_the_database_and_comes_back_without_a_restart()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var server = await ApiServer.StartAsync(database);
        (await server.Anonymous.GetAsync("/ready")).Expect(200);

        await database.RefuseConnectionsAsync();
        (await server.Anonymous.GetAsync("/ready")).Expect(503);
        (await server.Anonymous.GetAsync("/health")).Expect(200);

        await database.AcceptConnectionsAsync();
        await Until.TrueAsync(
            async () => (await server.Anonymous.GetAsync("/ready")).Status == 200,
            "the API is ready again"
        );
    }

    [Fact]
    public async Task Reads_are_answered_after_all_sessions_were_ended()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var server = await ApiServer.StartAsync(database);
        var person = await server.UserAsync();

        await ForgetSessionsAsync(database, 200, _ => person.Api.GetAsync("/api/v1/users/me/wallet"));

        Assert.Empty(server.ErrorLines);
    }

    [Fact]
    public async Task Purchases_are_recorded_after_all_sessions_were_ended()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var server = await ApiServer.StartAsync(database);
        var shop = await (await server.AdminAsync()).OpenShopAsync();
        var person = await server.UserAsync();

        await ForgetSessionsAsync(
            database,
            201,
            number =>
            {
                var body = JsonContent.Create(person.PurchaseAt(shop.Merchant, 100));
                return number % 2 == 0
                    ? person.Api.SendAsync(HttpMethod.Post, "/api/v1/purchases/", body)
                    : person.Api.SendAsync(
                        HttpMethod.Post,
                        "/api/v1/purchases/",
                        body,
                        ("Idempotency-Key", Unique.Text())
                    );
            }
        );
    }

    // Sends requests at once, so that the pool is full of sessions, and again each time that all of them were ended.
    private static async Task ForgetSessionsAsync(TestDatabase database, int expected, Func<int, Task<Answer>> send)
    {
        for (var round = 0; round < 4; round++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(send));
            Assert.All(answers, it => it.Expect(expected));
            await database.ExecuteAsync(
                """
                SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                WHERE datname = current_database() AND usename = 'clicknback_api'
                """
            );
        }
    }
}
