using System.Diagnostics;
using ClickNBack.Api.Purchases;
using ClickNBack.Tests.Infrastructure;
using ClickNBack.Tests.Unit.ServiceDefaults;

namespace ClickNBack.Tests.Integration;

/// <summary>When the job verifies, alone and beside others.</summary>
public sealed class VerificationJobTests
{
    private readonly ManualClock _clock = new();
    private readonly ControlledVerifier _verifier = new();

    [Fact]
    public async Task The_job_confirms_a_new_purchase_at_once_and_not_at_the_next_interval()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var server = await ApiServer.StartAsync(
            database,
            new ApiSetup
            {
                VerificationJob = true,
                Settings = new() { ["Verification:IntervalSeconds"] = "3600" },
            }
        );
        var user = await server.UserAsync();
        var shop = await (await server.AdminAsync()).OpenShopAsync(10);

        for (var i = 0; i < 3; i++) // also after the job has gone to sleep again
        {
            var purchase = await user.BuyAsync(shop, 100);
            await ConfirmedAsync(user, purchase);
        }

        Assert.Equal(new Balances("0.00", "30.00"), await user.WalletAsync());
        await database.InvariantsHoldAsync();
    }

    [Fact]
    public async Task The_trace_of_a_round_leads_to_the_request_that_woke_it()
    {
        using var request = new Activity("a user's request");
        var linked = new TaskCompletionSource<Activity>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "ClickNBack.Purchases" or "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span =>
            {
                if (span.Links.Any(it => it.Context.TraceId == request.TraceId))
                {
                    linked.TrySetResult(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using var database = await TestDatabase.CreateAsync();
        await using var server = await ApiServer.StartAsync(
            database,
            new ApiSetup
            {
                VerificationJob = true,
                Settings = new() { ["Verification:IntervalSeconds"] = "3600" },
            }
        );
        var user = await server.UserAsync();
        var shop = await Shop.OpenAsync(database);

        request.Start(); // and the client says so
        await user.BuyAsync(shop, 100);

        var round = await linked.Task.WaitAsync(Programs.Patience);
        Assert.Equal("verify purchases", round.DisplayName);
        Assert.NotEqual(request.TraceId, round.TraceId);
        Assert.Equal(1, round.GetTagItem("clicknback.purchases.taken"));
    }

    [Fact]
    public async Task The_job_looks_for_what_others_left_behind_at_every_interval()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var server = await StartAsync(database, clock: _clock);
        await using var other = await StartAsync(database, job: false, _clock); // records, and never verifies
        var user = await other.UserAsync();
        var shop = await Shop.OpenAsync(database);
        await Until.TrueAsync(() => _clock.HasTimer(TimeSpan.FromSeconds(60)), "the job sleeps");
        var purchase = await user.BuyAsync(shop, 100);

        _clock.Advance(TimeSpan.FromSeconds(60));

        await ConfirmedAsync(user, purchase);
    }

    [Fact]
    public async Task Two_servers_share_the_work_and_resolve_each_purchase_once()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var first = await StartAsync(database);
        await using var second = await StartAsync(database);
        var user = await first.UserAsync();
        var elsewhere = user with { Api = second.With(user.Api.AccessToken) };
        var shop = await (await first.AdminAsync()).OpenShopAsync(10);

        var bought = await Task.WhenAll(
            Enumerable.Range(0, 60).Select(i => (i % 2 == 0 ? user : elsewhere).BuyAsync(shop, 10))
        );

        await AllAreConfirmedOnceAsync(database, bought);
        Assert.Equal(new Balances("0.00", "60.00"), await user.WalletAsync());
        await database.InvariantsHoldAsync();
    }

    [Fact]
    public async Task A_backlog_is_cleared_by_rounds_side_by_side_and_each_purchase_resolved_once()
    {
        const int each = 4 * IVerificationRound.BatchSize;
        await using var database = await TestDatabase.CreateAsync();
        await using var recording = await StartAsync(database, job: false);
        var shop = await Shop.OpenAsync(database);
        var users = new[] { await recording.UserAsync(), await recording.UserAsync(), await recording.UserAsync() };
        var bought = await Task.WhenAll(Enumerable.Range(0, 3 * each).Select(i => users[i % 3].BuyAsync(shop, 10)));

        await using var first = await StartAsync(database);
        await using var second = await StartAsync(database);

        await AllAreConfirmedOnceAsync(database, bought);
        foreach (var user in users)
        {
            Assert.Equal(new Balances("0.00", $"{each}.00"), await user.WalletAsync());
        }

        await database.InvariantsHoldAsync();
    }

    [Fact]
    public async Task The_job_outlives_an_outage_of_the_database()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var server = await ApiServer.StartAsync(
            database,
            new ApiSetup
            {
                VerificationJob = true,
                Clock = _clock,
                Services = it => it.AddVerifier(_verifier),
            }
        );
        var user = await server.UserAsync();
        var first = await user.BuyAsync(await Shop.OpenAsync(database), 100);
        await ConfirmedAsync(user, first);
        await Until.TrueAsync(() => _clock.HasTimer(TimeSpan.FromSeconds(60)), "the job sleeps");
        await database.RefuseConnectionsAsync();
        _clock.Advance(TimeSpan.FromSeconds(60));
        await Until.TrueAsync(() => server.ErrorLines.Any(), "a round has failed");
        await database.AcceptConnectionsAsync();

        await Until.TrueAsync(
            async () =>
            {
                _clock.Advance(TimeSpan.FromSeconds(1));
                return (await user.TryBuyAsync(await Shop.OpenAsync(database), 10)).Status == 201;
            },
            "purchases are recorded again"
        );

        await Until.TrueAsync(
            async () =>
            {
                _clock.Advance(TimeSpan.FromSeconds(1));
                return await NothingIsPendingAsync(database);
            },
            "the job works again"
        );
    }

    private Task<ApiServer> StartAsync(TestDatabase database, bool job = true, TimeProvider? clock = null) =>
        ApiServer.StartAsync(
            database,
            _verifier.Setup with
            {
                VerificationJob = job,
                Clock = clock ?? TimeProvider.System,
            }
        );

    private static Task ConfirmedAsync(Person user, Guid purchase) =>
        Until.TrueAsync(async () => await user.StatusOfAsync(purchase) == "confirmed", "the purchase is confirmed");

    private async Task AllAreConfirmedOnceAsync(TestDatabase database, Guid[] bought)
    {
        await Until.TrueAsync(() => NothingIsPendingAsync(database), "all purchases are resolved");
        Assert.Equal(bought.Order(), _verifier.Asked.Order()); // each was asked about once
        Assert.Equal(
            bought.Length,
            await database.ScalarAsync<long>("SELECT count(*) FROM audit_logs WHERE action = 'PURCHASE_CONFIRMED'")
        );
    }

    private static async Task<bool> NothingIsPendingAsync(TestDatabase database) =>
        await database.ScalarAsync<long>("SELECT count(*) FROM purchases WHERE status = 'pending'") == 0;
}
