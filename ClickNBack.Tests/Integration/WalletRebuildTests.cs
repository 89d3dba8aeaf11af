using ClickNBack.MigrationService;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration;

/// <summary>Wallets are what the ledger says, and can be made so again (O6).</summary>
public sealed class WalletRebuildTests
{
    private const string Alice = "b7e2c1a2-4f3a-4e2b-9c1a-8d2e3f4b5c6d";
    private const string Wallets = "SELECT * FROM wallets ORDER BY user_id";

    // As nobody of the platform could do it; Bob's wallet is gone altogether.
    private const string Corruption = """
        SET session_replication_role = replica;
        UPDATE wallets SET pending_balance = pending_balance - 1, available_balance = available_balance + 1000
        WHERE user_id = 'b7e2c1a2-4f3a-4e2b-9c1a-8d2e3f4b5c6d';
        DELETE FROM wallets WHERE user_id = 'c8d3e2b1-5a4b-4c3d-8b2a-7e6f5d4c3b2a'
        """;

    [Fact]
    public async Task A_dry_run_tells_the_differences_and_changes_nothing()
    {
        await using var database = await TestDatabase.CreateWithDemoAsync();
        var right = await RunAsync(database, "--dry-run");
        await database.ExecuteAsync(Corruption);
        var before = await database.RowCountsAsync();
        var wallets = await database.RowsAsync(Wallets);

        var (exitCode, output) = await RunAsync(database, "--dry-run");

        Assert.Equal(0, right.ExitCode);
        Assert.Equal(1, exitCode);
        Assert.Contains(
            $"user {Alice}: pending 18.05 -> 19.05, available 1015.00 -> 15.00, paid 50.00, owed 0.00",
            output
        );
        Assert.Contains("available 0.00 -> 6.00", output); // Bob's
        Assert.Contains("2 wallets", output);
        Assert.Contains("100 %: ", output);
        Assert.Equal(before, await database.RowCountsAsync());
        Assert.Equal(wallets, await database.RowsAsync(Wallets));
    }

    [Fact]
    public async Task A_rebuild_makes_the_wallets_what_the_ledger_says_and_audits_each_correction()
    {
        await using var database = await TestDatabase.CreateWithDemoAsync();
        var right = await database.RowsAsync(Balances);
        await database.ExecuteAsync(Corruption);

        var first = await RunAsync(database);
        var second = await RunAsync(database);

        Assert.Equal((0, 0), (first.ExitCode, second.ExitCode));
        Assert.Contains("2 wallets were corrected", first.Output);
        Assert.Contains("0 wallets were corrected", second.Output);
        Assert.Equal(right, await database.RowsAsync(Balances));
        await database.InvariantsHoldAsync();
        Assert.Equal(
            ["system 1015.00 15.00"],
            await database.RowsAsync(
                """
                SELECT actor_type, (details #>> '{stored,available}')::numeric(19,2), (details #>> '{rebuilt,available}')::numeric(19,2)
                FROM audit_logs
                WHERE action = 'WALLET_REBUILT' AND resource_type = 'wallet' AND resource_id = $1
                """,
                new Guid(Alice)
            )
        );
        Assert.Equal(2, await database.ScalarAsync<long>(Corrections));
    }

    [Fact]
    public async Task What_a_rebuild_cannot_mend_it_says()
    {
        await using var database = await TestDatabase.CreateWithDemoAsync();
        await database.ExecuteAsync(
            "SET session_replication_role = replica; DELETE FROM audit_logs WHERE action = 'PURCHASE_CONFIRMED'"
        );

        var (exitCode, output) = await RunAsync(database);

        Assert.Equal(1, exitCode);
        Assert.Contains("Still wrong: every money movement is audited exactly once", output);
    }

    [Fact]
    public async Task A_rebuild_that_was_killed_goes_on_where_it_stopped()
    {
        const int Count = (WalletRebuild.BatchSize * 3) + 1;
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync(
            $"""
            INSERT INTO users SELECT md5(n::text)::uuid, n || '@x.test', n || '@X.TEST', 'x', 'user', true, now() FROM generate_series(1, {Count}) AS n;
            INSERT INTO wallets (user_id, pending_balance) SELECT id, 1 FROM users WHERE role = 'user'
            """
        );

        // Somebody holds the last wallet: the rebuild comes to a halt there, and is killed.
        await using (var holder = await database.OpenAsOwnerAsync())
        await using (var transaction = await holder.BeginTransactionAsync())
        {
            await using var hold = holder.CreateCommand();
            hold.CommandText =
                "SELECT 1 FROM wallets WHERE user_id = (SELECT user_id FROM wallets ORDER BY user_id DESC LIMIT 1) FOR UPDATE";
            await hold.ExecuteNonQueryAsync();
            await using var worker = ChildProcess.Start(
                typeof(WalletRebuild).Assembly,
                ["--rebuild-wallets", $"--ConnectionStrings:clicknback={database.OwnerConnectionString}"]
            );
            await Until.TrueAsync(
                async () => await database.ScalarAsync<long>(Corrections) == WalletRebuild.BatchSize * 3,
                "three batches are corrected"
            );
            await worker.KillAsync();
        }

        var (exitCode, output) = await RunAsync(database);

        Assert.Equal(0, exitCode);
        Assert.Contains("1 wallets were corrected", output);
        Assert.Contains($"100 %: {Count} of {Count} wallets examined", output);
        Assert.DoesNotContain($"{WalletRebuild.BatchSize} of {Count}", output);
        await database.InvariantsHoldAsync();
        Assert.Equal(Count, await database.ScalarAsync<long>(Corrections));
        Assert.Equal(
            [$"{Count} {Count} True"],
            await database.RowsAsync("SELECT examined, corrected, finished_at IS NOT NULL FROM wallet_rebuilds")
        );
    }

    [Fact]
    public async Task A_rebuild_while_the_api_serves_loses_no_movement()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var server = await ApiServer.StartAsync(database);
        var shop = await (await server.AdminAsync()).OpenShopAsync(10);
        var people = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => server.UserAsync()));
        await Task.WhenAll(people.Select(it => it.BuyAsync(shop, 10)));
        using var stop = new CancellationTokenSource();
        var shopping = people.Select(ShopAsync).ToArray();
        for (var round = 0; round < 5; round++)
        {
            await database.ExecuteAsync("UPDATE wallets SET available_balance = available_balance + 1");

            var (exitCode, output) = await RunAsync(database);

            Assert.True(exitCode == 0, output);
        }

        await stop.CancelAsync();
        var purchases = await Task.WhenAll(shopping);
        await database.InvariantsHoldAsync();
        Assert.Equal(purchases.Select(it => $"{it + 1}.00"), await PendingAsync());

        async Task<int> ShopAsync(Person person)
        {
            var count = 0;
            while (!stop.IsCancellationRequested)
            {
                await person.BuyAsync(shop, 10);
                count++;
            }

            return count;
        }

        async Task<IEnumerable<string>> PendingAsync() =>
            (await Task.WhenAll(people.Select(it => it.WalletAsync()))).Select(it => it.Pending);
    }

    private const string Balances = """
        SELECT user_id, round(pending_balance, 2), round(available_balance, 2), round(paid_balance, 2), round(owed_balance, 2)
        FROM wallets ORDER BY user_id
        """;

    private const string Corrections = "SELECT count(*) FROM audit_logs WHERE action = 'WALLET_REBUILT'";

    private static Task<(int ExitCode, string Output)> RunAsync(TestDatabase database, params string[] options) =>
        Templates.MigrateAsync(database.OwnerConnectionString, ["--rebuild-wallets", .. options]);
}
