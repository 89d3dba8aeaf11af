using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration.Races;

/// <summary>
/// A deploy while merchants report and users claim: one process takes over from another, which drains and ends, or is killed, with
/// requests and rounds of its job under way. Whoever gets no answer asks the other one again.
/// </summary>
[Trait("Category", "Repeated")]
public sealed class ReportDeployTests : IAsyncLifetime
{
    private const int Clients = 4;
    private static readonly int Deploys = Repetitions.Of(usual: 2, all: 10);
    private static readonly int OrdersBetween = Repetitions.Of(usual: 40, all: 200);

    private TestDatabase _database = null!;
    private ApiProcess _serving = null!;
    private Person _user = null!;
    private Reporter _merchant = null!;
    private int _claimed;

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        _serving = await StartAsync();
        _user = await Person.NewAsync(_serving.Anonymous);
        _merchant = await Reporter.NewAsync(
            await Person.AdminAsync(_serving.Anonymous),
            await Shop.OpenAsync(_database)
        );
    }

    public async Task DisposeAsync()
    {
        await _serving.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_order_that_was_claimed_and_reported_is_confirmed_once(bool isKilled)
    {
        using var end = new CancellationTokenSource();
        var clients = Enumerable.Range(0, Clients).Select(_ => Task.Run(() => WorkAsync(end.Token))).ToList();
        for (var deploy = 0; deploy < Deploys; deploy++)
        {
            var before = _claimed;
            await Until.TrueAsync(() => _claimed >= before + OrdersBetween, "there is work under way");
            var (old, next) = (_serving, await StartAsync());
            _serving = next;
            if (isKilled)
            {
                await old.KillAsync();
            }

            await old.DisposeAsync(); // asks it to end, and waits for that
            Assert.Empty(old.ErrorLines);
        }

        await end.CancelAsync();
        await Task.WhenAll(clients);

        // A round that was cut short left its leases, which would last a minute.
        await _database.ExecuteAsync("UPDATE reported_transactions SET due_at = now() WHERE state = 'new'");
        await _database.ExecuteAsync("UPDATE purchases SET next_verification_at = now() WHERE status = 'pending'");
        await Until.TrueAsync(
            async () => await CountAsync("purchases WHERE status = 'confirmed'") == _claimed,
            "every purchase is confirmed"
        );
        Assert.Equal(new Balances("0.00", $"{_claimed * 10}.00"), await _user.At(_serving.Anonymous).WalletAsync());
        Assert.Equal(_claimed, await CountAsync("reported_transactions WHERE state = 'settled'"));
        Assert.Equal(_claimed, await CountAsync("reports"));
        Assert.Equal(0, await CountAsync("cases"));
        Assert.Empty(_serving.ErrorLines);
        await _database.InvariantsHoldAsync();
    }

    private Task<ApiProcess> StartAsync() =>
        ApiProcess.StartAsync(
            _database.ApiConnectionString,
            new() { ["Verification:Mode"] = "reports", ["Verification:IntervalSeconds"] = "1" }
        );

    private Task<long> CountAsync(string what) => _database.ScalarAsync<long>($"SELECT count(*) FROM {what}");

    private async Task WorkAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            var (order, message) = (Unique.Text(), Unique.Text());
            var body = Reporter.Body(_merchant.Said(order, 100));
            await Task.WhenAll(
                InsistAsync(api => _user.At(api).TryBuyAsync(_merchant.Shop, 100, order), 201, 409), // taken in before it was cut off
                InsistAsync(api => _merchant.TryReportAsync(api, body, message), 202)
            );
            Interlocked.Increment(ref _claimed);
        }
    }

    // Asks whoever serves now, until it answers.
    private async Task InsistAsync(Func<ApiClient, Task<Answer>> ask, params int[] expected)
    {
        while (true)
        {
            var api = _serving;
            try
            {
                var answer = await ask(api.Anonymous);
                Assert.Contains(answer.Status, expected);
                return;
            }
            catch (Exception cutOff)
                when (cutOff is HttpRequestException or OperationCanceledException or ObjectDisposedException)
            {
                await Until.TrueAsync(() => api != _serving, "another process has taken over");
            }
        }
    }
}
