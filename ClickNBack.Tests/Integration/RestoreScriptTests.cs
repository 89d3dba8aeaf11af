using ClickNBack.Tests.Contract;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration;

/// <summary>What a restore to an earlier moment does to a database with the real schema: <c>deploy/postgres</c>.</summary>
public sealed class RestoreScriptTests
{
    [Fact]
    public async Task Requested_payouts_are_held_and_can_be_completed_by_an_administrator()
    {
        await using var database = await TestDatabase.CreateWithDemoAsync();
        await using var server = await ApiServer.StartAsync(database);
        var alice = await server.LoginAsync("alice@clicknback.com", "Str0ng!Pass");
        var payout = await alice.WithdrawAsync(10m);

        Assert.Equal([$"{payout} 10.00"], await RunAsync(database, "hold-payouts.sql"));

        Assert.Equal(
            [$"{payout} system"],
            await database.RowsAsync(
                "SELECT resource_id, actor_type FROM audit_logs WHERE details ->> 'reason' = 'restore'"
            )
        );
        Assert.Empty(await RunAsync(database, "hold-payouts.sql"));
        var admin = await server.LoginAsync("carol@clicknback.com", "Str0ng!Pass");
        (await admin.Api.PatchAsync($"/api/v1/admin/payouts/{payout}/process", new { status = "completed" })).Expect(
            200
        );
        await database.InvariantsHoldAsync();
    }

    [Fact]
    public async Task Sessions_end()
    {
        await using var database = await TestDatabase.CreateWithDemoAsync();
        await using var server = await ApiServer.StartAsync(database);
        await server.LoginAsync("alice@clicknback.com", "Str0ng!Pass");

        await RunAsync(database, "end-sessions.sql");

        Assert.Empty(await database.RowsAsync("SELECT id FROM refresh_token_families WHERE revoked_at IS NULL"));
    }

    // Without what only psql understands.
    private static Task<List<string>> RunAsync(TestDatabase database, string file) =>
        database.RowsAsync(
            string.Join(
                '\n',
                File.ReadLines(Path.Combine(Committed.Root, "deploy", "postgres", file)).Where(it => !it.Contains('\\'))
            )
        );
}
