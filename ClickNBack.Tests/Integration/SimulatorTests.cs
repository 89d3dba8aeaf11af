using ClickNBack.ServiceDefaults;
using ClickNBack.Tests.Infrastructure;
using ClickNBack.Tests.Unit.ServiceDefaults;
using Microsoft.Extensions.Hosting;

namespace ClickNBack.Tests.Integration;

/// <summary>The simulated merchants and users, against an API whose purchases merchants verify.</summary>
public sealed class SimulatorTests : IAsyncLifetime
{
    private readonly LogLines _log = new();

    private TestDatabase _database = null!;
    private ApiServer _server = null!;

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.CreateWithDemoAsync();
        _server = await ApiServer.StartAsync(
            _database,
            new ApiSetup
            {
                VerificationJob = true,
                Settings = new() { ["Verification:Mode"] = "reports", ["Verification:IntervalSeconds"] = "1" },
            }
        );
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        await _database.InvariantsHoldAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Orders_are_claimed_confirmed_declined_returned_disputed_and_withdrawn()
    {
        using var simulator = Simulate(
            ("PurchasesPerMinute", "1200"),
            ("DeclinedPercent", "20"),
            ("AmendedPercent", "20"),
            ("ReturnedPercent", "30"),
            ("UnclaimedPercent", "30"),
            ("ClaimedTwicePercent", "20")
        );
        await simulator.StartAsync();

        foreach (
            var happens in new[]
            {
                "purchases WHERE external_id LIKE 'order-%' AND status = 'confirmed'",
                "purchases WHERE external_id LIKE 'order-%' AND status = 'rejected'",
                "purchases WHERE external_id LIKE 'order-%' AND status = 'reversed'",
                "cases WHERE kind = 'amount_differs'",
                "cases WHERE kind = 'claimed_twice'",
                "reported_transactions WHERE state = 'unclaimed'",
                "payouts WHERE status = 'requested'",
            }
        )
        {
            await Until.TrueAsync(() => IsThereAsync(happens), $"there are {happens}");
        }

        await simulator.StopAsync();
    }

    [Fact]
    public async Task A_run_after_another_reports_nothing_twice_and_makes_room_for_its_secrets()
    {
        // Dave's purchase waits for an administrator, so each run reports it anew.
        await RunAsync("reported_transactions WHERE order_reference = 'txn_seed_manual_001'");
        await RunAsync("webhook_secrets GROUP BY merchant_id HAVING count(*) = 2");
        await RunAsync("webhook_secrets WHERE revoked_at IS NOT NULL");

        Assert.False(
            await IsThereAsync(
                "reported_transactions GROUP BY order_reference, status, reported_at HAVING count(*) > 1"
            )
        );

        async Task RunAsync(string until)
        {
            using var simulator = Simulate(("PurchasesPerMinute", "0"));
            await simulator.StartAsync();
            await Until.TrueAsync(() => IsThereAsync(until), $"there are {until}");
            await simulator.StopAsync();
        }
    }

    [Fact]
    public async Task A_revoked_secret_is_replaced_and_a_platform_that_is_away_is_waited_for()
    {
        using var simulator = Simulate(("PurchasesPerMinute", "600"));
        await simulator.StartAsync();
        await Until.TrueAsync(() => IsThereAsync("webhook_secrets"), "there are secrets");

        await _database.RefuseConnectionsAsync();
        await Until.TrueAsync(
            () => _log.All.Any(it => it.Text.Contains("try again", StringComparison.Ordinal)),
            "somebody notices"
        );
        await _database.AcceptConnectionsAsync();
        await _database.ExecuteAsync("UPDATE webhook_secrets SET revoked_at = now() WHERE revoked_at IS NULL");
        var then = await _database.ScalarAsync<long>("SELECT count(*) FROM reports");
        await Until.TrueAsync(() => IsThereAsync($"reports HAVING count(*) > {then}"), "reports come in again");
        await simulator.StopAsync();
    }

    [Theory]
    [InlineData("Platform", "nowhere", "an absolute http or https URL")]
    [InlineData("ShortestDelaySeconds", "2", "at most Simulator:LongestDelaySeconds")]
    [InlineData("ReturnedPercent", "90", "at most 100 together with")]
    public void Wrong_settings_are_named(string setting, string value, string expected)
    {
        var problem = Assert.Throws<InvalidConfigurationException>(() => Simulate((setting, value)));

        Assert.Contains($"Simulator:{setting}", problem.Message, StringComparison.Ordinal);
        Assert.Contains(expected, problem.Message, StringComparison.Ordinal);
    }

    private async Task<bool> IsThereAsync(string what) =>
        await _database.ScalarAsync<bool>($"SELECT EXISTS (SELECT FROM {what})");

    private IHost Simulate(params (string Name, string Value)[] settings) =>
        Simulation.Of(_server.Address, _log, settings);
}
