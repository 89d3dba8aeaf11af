using ClickNBack.Api.Purchases;
using ClickNBack.Tests.Infrastructure;
using ClickNBack.Tests.Unit.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;

namespace ClickNBack.Tests.Integration;

/// <summary>What a round of verification does with purchases.</summary>
public sealed class VerificationTests(Platform platform) : IClassFixture<Platform>
{
    private readonly ManualClock _clock = new();
    private readonly ControlledVerifier _verifier = new();

    [Fact]
    public async Task A_confirmation_by_the_job_is_audited_as_the_systems()
    {
        var (user, purchase) = await BoughtAsync(platform.Server);

        await platform.Server.VerifyAsync();

        Assert.Equal("confirmed", await user.StatusOfAsync(purchase));
        Assert.Equal(
            ["PURCHASE_CONFIRMED system  success 10.00"],
            await platform.Database.RowsAsync(
                "SELECT action, actor_type, actor_id, outcome, details->>'cashback_amount' FROM audit_logs WHERE resource_id = $1",
                purchase
            )
        );
    }

    [Fact]
    public async Task After_three_failed_attempts_an_interval_apart_a_purchase_is_rejected()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var server = await ClockedAsync(database);
        _verifier.Verdict = _ => false;
        var (user, purchase) = await BoughtAsync(server, database);

        await server.VerifyAsync();
        await server.VerifyAsync();
        Assert.Single(_verifier.Asked); // not again before the interval is over
        _clock.Advance(TimeSpan.FromSeconds(60));
        await server.VerifyAsync();
        Assert.Equal("pending", await user.StatusOfAsync(purchase));
        Assert.Equal(new Balances("10.00", "0.00"), await user.WalletAsync());
        _clock.Advance(TimeSpan.FromSeconds(60));
        await server.VerifyAsync();

        Assert.Equal(3, _verifier.Asked.Count);
        var seen = await user.Api.GetAsync($"/api/v1/purchases/{purchase}");
        Assert.Equal("rejected", seen["status"].GetString());
        Assert.Equal("reversed", seen["cashback_status"].GetString());
        Assert.Equal("10.00", seen["cashback_amount"].GetString()); // rejection leaves it
        Assert.Equal(new Balances("0.00", "0.00"), await user.WalletAsync());
        Assert.Equal(
            ["PURCHASE_REJECTED system  Not verified in 3 attempts."],
            await database.RowsAsync(
                "SELECT action, actor_type, actor_id, details->>'reason' FROM audit_logs WHERE resource_id = $1",
                purchase
            )
        );
        await database.InvariantsHoldAsync();
    }

    [Fact]
    public async Task The_simulated_verifier_fails_at_the_rejection_merchant_only()
    {
        await using var database = await TestDatabase.CreateWithDemoAsync();
        await using var server = await ApiServer.StartAsync(
            database,
            new ApiSetup { Settings = new() { ["Verification:MaxAttempts"] = "1" } }
        );

        await server.VerifyAsync();

        Assert.Equal(
            ["Dave pending 2", "confirmed 9", "rejected 2", "reversed 2"],
            (
                await database.RowsAsync(
                    """
                    SELECT CASE WHEN users.email LIKE 'dave%' THEN 'Dave pending' ELSE status END AS what, count(*)
                    FROM purchases JOIN users ON users.id = user_id
                    WHERE external_id <> 'txn_seed_000' AND (users.email NOT LIKE 'dave%' OR status = 'pending') GROUP BY 1
                    """
                )
            ).Order(StringComparer.Ordinal)
        );
        await database.InvariantsHoldAsync();
    }

    public static readonly TheoryData<string> Scopes = new() { "global", "merchant", "user" };

    [Theory]
    [MemberData(nameof(Scopes))]
    public async Task What_a_flag_switches_off_stays_pending_until_it_is_lifted(string scope)
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var server = await ClockedAsync(database);
        var (user, purchase) = await BoughtAsync(server, database);
        object scopeId = scope switch
        {
            "user" => user.Id,
            "merchant" => await database.ScalarAsync<Guid>("SELECT merchant_id FROM purchases"),
            _ => DBNull.Value,
        };
        await database.ExecuteAsync(
            "INSERT INTO feature_flags VALUES (gen_random_uuid(), 'purchase_auto_confirm', false, $1, $2, NULL, now(), now())",
            scope,
            new Npgsql.NpgsqlParameter { Value = scopeId, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid }
        );

        await server.VerifyAsync();
        Assert.Equal("pending", await user.StatusOfAsync(purchase));
        Assert.Empty(_verifier.Asked);

        await database.ExecuteAsync("DELETE FROM feature_flags");
        _clock.Advance(TimeSpan.FromSeconds(60));
        await server.VerifyAsync();
        Assert.Equal("confirmed", await user.StatusOfAsync(purchase));
    }

    [Fact]
    public async Task A_users_own_record_wins_over_the_global_one()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var server = await ClockedAsync(database);
        var (user, purchase) = await BoughtAsync(server, database);
        var merchant = await database.ScalarAsync<Guid>("SELECT merchant_id FROM purchases");
        await database.ExecuteAsync(
            """
            INSERT INTO feature_flags SELECT gen_random_uuid(), 'purchase_auto_confirm', enabled, scope, id, NULL, now(), now()
            FROM (VALUES (false, 'global', NULL), (true, 'user', $1), (true, 'merchant', $2)) AS flag (enabled, scope, id)
            """,
            user.Id,
            merchant
        );

        await server.VerifyAsync();

        Assert.Equal("confirmed", await user.StatusOfAsync(purchase));
    }

    [Fact]
    public async Task What_an_administrator_decided_meanwhile_stays_decided()
    {
        await using var server = await VerifyingAsync(platform.Database);
        var (user, purchase) = await BoughtAsync(server);
        var decided = new TaskCompletionSource();
        _verifier.Before = () => decided.Task;
        var round = server.VerifyAsync();
        await Until.TrueAsync(() => _verifier.Asked.Contains(purchase), "the verifier is asked");

        (await platform.Admin.Api.ReverseAsync(purchase)).Expect(200);
        decided.SetResult();
        await round;

        Assert.Equal("reversed", await user.StatusOfAsync(purchase));
        Assert.Equal(new Balances("0.00", "0.00"), await user.WalletAsync());
        await platform.Database.InvariantsHoldAsync();
    }

    [Fact]
    public async Task A_purchase_whose_row_is_locked_for_a_moment_is_resolved_all_the_same()
    {
        await using var server = await VerifyingAsync(platform.Database);
        var (user, purchase) = await BoughtAsync(server);
        await using var looking = await platform.Database.OpenAsApiAsync();
        await using var look = await looking.BeginTransactionAsync();
        _verifier.Before = async () =>
        {
            await using var hold = looking.CreateCommand();
            hold.CommandText = $"SELECT 1 FROM purchases WHERE id = '{purchase}' FOR NO KEY UPDATE";
            await hold.ExecuteNonQueryAsync();
        };

        var round = server.VerifyAsync();
        await platform.Database.SomebodyWaitsForAsync(looking);
        await look.RollbackAsync();
        await round;

        Assert.Equal("confirmed", await user.StatusOfAsync(purchase));
    }

    [Fact]
    public async Task What_a_dead_process_had_claimed_is_taken_again_when_the_lease_is_over()
    {
        await using var database = await TestDatabase.CreateAsync();
        var dying = await ClockedAsync(database);
        await using var living = await ApiServer.StartAsync(database, new ApiSetup { Clock = _clock });
        var (user, purchase) = await BoughtAsync(living, database);
        _verifier.Before = () => Task.Delay(Timeout.Infinite);
        using var death = new CancellationTokenSource();
        var round = dying.Services.GetRequiredService<VerificationRound>().RunAsync(death.Token);
        await Until.TrueAsync(() => _verifier.Asked.Count == 1, "the purchase is claimed");
        await death.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => round);
        await dying.DisposeAsync();

        _clock.Advance(DuePurchases.Lease - TimeSpan.FromSeconds(1));
        Assert.Equal(0, await living.VerifyAsync());
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await living.VerifyAsync());

        Assert.Equal("confirmed", await user.StatusOfAsync(purchase));
        await database.InvariantsHoldAsync();
    }

    [Fact]
    public async Task A_verifier_that_throws_counts_as_a_failed_attempt()
    {
        await using var server = await VerifyingAsync(platform.Database);
        var (user, broken) = await BoughtAsync(server);
        var sound = await user.BuyAsync(await platform.Admin.OpenShopAsync(10), 100);
        _verifier.Verdict = purchase =>
            purchase.Id == broken ? throw new TimeoutException("The bank is closed.") : true;

        await server.VerifyAsync();

        Assert.Equal("pending", await user.StatusOfAsync(broken));
        Assert.Equal("confirmed", await user.StatusOfAsync(sound));
        Assert.Equal(
            1,
            await platform.Database.ScalarAsync<int>(
                "SELECT verification_failures FROM purchases WHERE id = $1",
                broken
            )
        );
    }

    [Fact]
    public async Task A_purchase_that_cannot_be_resolved_does_not_hold_up_the_others()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var server = await VerifyingAsync(database);
        var (user, poisoned) = await BoughtAsync(server, database);
        var shop = await Shop.OpenAsync(database);
        var others = new[] { await user.BuyAsync(shop, 10), await user.BuyAsync(shop, 10) };
        // The owner spoils it in a way that no rule of the API foresees.
        await database.ExecuteAsync(
            $"ALTER TABLE audit_logs ADD CONSTRAINT poison CHECK (resource_id <> '{poisoned}' OR action <> 'PURCHASE_CONFIRMED')"
        );

        await server.VerifyAsync();

        Assert.Equal("pending", await user.StatusOfAsync(poisoned));
        Assert.Equal("confirmed", await user.StatusOfAsync(others[0]));
        Assert.Equal("confirmed", await user.StatusOfAsync(others[1]));
        Assert.Contains(server.ErrorLines, it => it.Contains(poisoned.ToString(), StringComparison.Ordinal));
        await database.InvariantsHoldAsync();
    }

    private Task<ApiServer> VerifyingAsync(TestDatabase database) => ApiServer.StartAsync(database, _verifier.Setup);

    private Task<ApiServer> ClockedAsync(TestDatabase database) =>
        ApiServer.StartAsync(database, _verifier.Setup with { Clock = _clock });

    private async Task<(Person User, Guid Purchase)> BoughtAsync(ApiServer server, TestDatabase? database = null)
    {
        var user = await server.UserAsync();
        return (user, await user.BuyAsync(await Shop.OpenAsync(database ?? platform.Database), 100));
    }
}
