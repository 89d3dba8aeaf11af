using ClickNBack.Api.Payouts;
using ClickNBack.Tests.Contract;
using ClickNBack.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace ClickNBack.Tests.Integration;

/// <summary>What a restore to an earlier moment does to a database with the real schema: <c>deploy/postgres</c>.</summary>
public sealed class RestoreScriptTests
{
    [Fact]
    public async Task Payouts_that_wait_are_held_and_completed_or_released_by_an_administrator()
    {
        await using var database = await TestDatabase.CreateWithDemoAsync();
        await using var server = await ApiServer.StartAsync(database);
        var alice = await server.LoginAsync("alice@clicknback.com", "Str0ng!Pass");
        var admin = await server.LoginAsync("carol@clicknback.com", "Str0ng!Pass");
        (await admin.Api.ConfirmAsync(await alice.BuyAsync(await Shop.OpenAsync(database), 300))).Expect(200);
        var (paid, unpaid, exported) = (
            await alice.WithdrawAsync(10m),
            await alice.WithdrawAsync(11m),
            await alice.WithdrawAsync(10m)
        );
        await ProcessAsync(exported, "processing", 200);
        await ExportAsync(1);
        await ProcessAsync(unpaid, "processing", 200);

        Assert.Equal(
            ((string[])[$"{paid} 10.00", $"{unpaid} 11.00"]).Order(),
            (await RunAsync(database, "hold-payouts.sql")).Order()
        );

        Assert.Equal(
            2,
            await database.ScalarAsync<long>(
                "SELECT count(*) FROM audit_logs WHERE action = 'WITHDRAWAL_HELD' AND actor_type = 'system'"
            )
        );
        Assert.Empty(await RunAsync(database, "hold-payouts.sql"));
        await ExportAsync(0); // the bank may have been told of it in a batch that is forgotten
        await ProcessAsync(paid, "processing", 400);
        await ProcessAsync(paid, "completed", 200);
        (await admin.Api.PostAsync($"/api/v1/admin/payouts/{unpaid}/release")).Expect(200);
        await ExportAsync(1);
        await database.InvariantsHoldAsync();

        async Task ProcessAsync(Guid payout, string status, int expected) =>
            (await admin.Api.PatchAsync($"/api/v1/admin/payouts/{payout}/process", new { status })).Expect(expected);

        async Task ExportAsync(int payouts)
        {
            await using var scope = server.Services.CreateAsyncScope();
            var exports = scope.ServiceProvider.GetRequiredService<PayoutExports>();
            var (export, _) = await exports.CreateAsync(admin.Id, CancellationToken.None);
            Assert.Equal(payouts, export?.Payouts ?? 0);
        }
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
