using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration.Races;

/// <summary>
/// Reports against claims, decisions and each other, at two APIs with their jobs. Nobody looks again for an hour, so whatever is
/// not matched at once would be seen.
/// </summary>
[Trait("Category", "Repeated")]
public sealed class ReportRaceTests : IAsyncLifetime
{
    private static readonly int Orders = Repetitions.Of(usual: 30, all: 300);

    private TestDatabase _database = null!;
    private ApiServer[] _servers = [];
    private Person _admin = null!;
    private Person _user = null!;
    private Reporter _merchant = null!;

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        var setup = new ApiSetup
        {
            VerificationJob = true,
            Settings = new() { ["Verification:Mode"] = "reports", ["Verification:IntervalSeconds"] = "3600" },
        };
        _servers = [await ApiServer.StartAsync(_database, setup), await ApiServer.StartAsync(_database, setup)];
        _admin = await _servers[0].AdminAsync();
        _user = await _servers[0].UserAsync();
        _merchant = await Reporter.NewAsync(_admin, await Shop.OpenAsync(_database));
    }

    public async Task DisposeAsync()
    {
        foreach (var server in _servers)
        {
            Assert.Empty(server.ErrorLines);
            await server.DisposeAsync();
        }

        await _database.InvariantsHoldAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Whichever_comes_first_claim_and_report_always_meet()
    {
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Orders),
            new ParallelOptions { MaxDegreeOfParallelism = 4 },
            async (number, _) =>
            {
                var order = Unique.Text();
                await Task.WhenAll(
                    _user.At(_servers[number % 2].Anonymous).BuyAsync(_merchant.Shop, 100, order),
                    _merchant.ReportAsync(_servers[1 - (number % 2)].Anonymous, _merchant.Said(order, 100))
                );
            }
        );

        await Until.TrueAsync(async () => await CountAsync("confirmed") == Orders, "every purchase is confirmed");
        Assert.Equal(new Balances("0.00", $"{Orders * 10}.00"), await _user.WalletAsync());
    }

    [Fact]
    public async Task Two_reports_and_an_administrator_at_once_decide_a_purchase_once()
    {
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Orders),
            new ParallelOptions { MaxDegreeOfParallelism = 2 },
            async (_, _) =>
            {
                var order = Unique.Text();
                var purchase = await _user.BuyAsync(_merchant.Shop, 100, order);
                await Task.WhenAll(
                    _merchant.ReportAsync(_servers[0].Anonymous, _merchant.Said(order, 100)),
                    _merchant.ReportAsync(_servers[1].Anonymous, _merchant.Said(order, 100, "declined")),
                    _admin.Api.ConfirmAsync(purchase)
                );
            }
        );

        await Until.TrueAsync(
            async () =>
                await _database.ScalarAsync<long>(
                    "SELECT count(*) FROM reported_transactions WHERE state IN ('new', 'unclaimed')"
                ) == 0,
            "every report is looked at"
        );

        // Whoever came first, the contradiction is a case.
        Assert.Equal(Orders, await CountAsync("confirmed") + await CountAsync("rejected"));
        Assert.Equal(Orders, await _database.ScalarAsync<long>("SELECT count(*) FROM cases"));
    }

    [Fact]
    public async Task Of_two_decisions_of_one_case_one_holds()
    {
        for (var round = 0; round < Repetitions.Of(usual: 4, all: 20); round++)
        {
            var order = Unique.Text();
            await _user.BuyAsync(_merchant.Shop, 100, order);
            await _merchant.ReportAsync(_servers[0].Anonymous, _merchant.Said(order, 90));
            List<string> open = [];
            await Until.TrueAsync(
                async () =>
                {
                    open = await _database.RowsAsync("SELECT id FROM cases WHERE decided_at IS NULL");
                    return open.Count == 1;
                },
                "there is a case"
            );

            var answers = await Task.WhenAll(
                _servers.Select(
                    (server, index) =>
                        _admin
                            .At(server.Anonymous)
                            .Api.PostAsync(
                                $"/api/v1/admin/cases/{open[0]}/decision",
                                new { decision = index == 0 ? "confirm" : "reject", note = "Decided." }
                            )
                )
            );

            Assert.Equal([200, 409], answers.Select(it => it.Status).Order());
        }
    }

    private Task<long> CountAsync(string status) =>
        _database.ScalarAsync<long>("SELECT count(*) FROM purchases WHERE status = $1", status);
}
