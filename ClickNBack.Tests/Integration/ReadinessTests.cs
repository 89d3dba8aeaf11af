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
        Assert.All(await ReadAsync(), it => it.Expect(200)); // the pool is full

        for (var round = 0; round < 3; round++)
        {
            await database.ExecuteAsync(
                """
                SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                WHERE datname = current_database() AND usename = 'clicknback_api'
                """
            );

            Assert.All(await ReadAsync(), it => it.Expect(200));
        }

        Assert.Empty(server.ErrorLines);

        Task<Answer[]> ReadAsync() =>
            Task.WhenAll(Enumerable.Range(0, 20).Select(_ => person.Api.GetAsync("/api/v1/users/me/wallet")));
    }
}
