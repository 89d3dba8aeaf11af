using ClickNBack.Api.Payouts;
using ClickNBack.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace ClickNBack.Tests.Integration;

/// <summary>Payouts of more than 50 EUR, and those to a new destination, are held until an administrator releases them.</summary>
[Trait("Category", "Repeated")]
public sealed class PayoutReviewTests : IAsyncLifetime
{
    private const string First = "DE89370400440532013000";
    private const string Second = "GB82WEST12345698765432";
    private static readonly int Rounds = Repetitions.Of(usual: 4, all: 20);

    private TestDatabase _database = null!;
    private ApiServer[] _servers = [];
    private Person _admin = null!;
    private Person _user = null!;

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        _servers = [await StartAsync(), await StartAsync()];
        _admin = await _servers[0].AdminAsync();
        _user = await _servers[0].UserAsync();
        (await _admin.Api.ConfirmAsync(await _user.BuyAsync(await Shop.OpenAsync(_database), 100_000))).Expect(200);
    }

    public async Task DisposeAsync()
    {
        await _database.InvariantsHoldAsync();
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_large_payout_is_held_until_it_is_released_and_the_user_sees_nothing_of_it()
    {
        var payout = await WithdrawAsync(50.01m);
        var small = await WithdrawAsync(50);

        Assert.Equal("amount", await HeldForAsync(payout));
        Assert.Null(await HeldForAsync(small));
        var mine = (await _user.Api.GetAsync("/api/v1/users/me/payouts")).Expect(200).Text;
        Assert.DoesNotContain("held", mine, StringComparison.Ordinal);
        Assert.Contains("\"status\":\"requested\"", mine, StringComparison.Ordinal);
        var refused = await ProcessAsync(payout, "processing");
        refused.Expect(400, "PAYOUT_HELD");
        Assert.Equal("amount", refused.Details.GetProperty("held_for").GetString());
        (await ProcessAsync(payout, "completed")).Expect(400, "PAYOUT_HELD");

        var released = (await ReleaseAsync(payout)).Expect(200);

        Assert.Equal($$"""{"id":"{{payout}}","status":"requested"}""", released.Text);
        Assert.Null(await HeldForAsync(payout));
        (await ReleaseAsync(payout)).Expect(400, "PAYOUT_NOT_HELD");
        (await ProcessAsync(payout, "completed")).Expect(200);
        Assert.Equal(
            ["WITHDRAWAL_REQUESTED user amount", "WITHDRAWAL_RELEASED admin amount", "WITHDRAWAL_PROCESSED admin "],
            await _database.RowsAsync(
                "SELECT action, actor_type, details ->> 'held_for' FROM audit_logs WHERE resource_id = $1 ORDER BY occurred_at",
                payout
            )
        );
    }

    [Fact]
    public async Task A_held_payout_can_fail_and_gives_the_money_back()
    {
        var before = await _user.WalletAsync();
        var payout = await WithdrawAsync(60);

        (await ProcessAsync(payout, "failed")).Expect(200);

        Assert.Equal(before, await _user.WalletAsync());
        (await ReleaseAsync(payout)).Expect(400, "PAYOUT_NOT_HELD");
        Assert.Null(await HeldForAsync(payout));
    }

    [Fact]
    public async Task A_first_destination_is_as_good_as_any_and_another_one_is_held_until_it_was_paid()
    {
        var first = await WithdrawAsync(10);
        Assert.Null(await HeldForAsync(await WithdrawAsync(10, Second))); // nobody was paid yet
        (await ProcessAsync(first, "completed")).Expect(200);

        var second = await WithdrawAsync(10, Second);
        var again = await WithdrawAsync(10, Second);
        Assert.Null(await HeldForAsync(await WithdrawAsync(10, "DE89 3704 0044 0532 0130 00", "somebody")));
        Assert.Equal("new_destination", await HeldForAsync(second));
        Assert.Equal("new_destination", await HeldForAsync(again));
        (await ReleaseAsync(second)).Expect(200);
        Assert.Equal("new_destination", await HeldForAsync(await WithdrawAsync(10, Second)));
        (await ProcessAsync(second, "completed")).Expect(200);

        Assert.Null(await HeldForAsync(await WithdrawAsync(10, Second)));
        Assert.Null(await HeldForAsync(await WithdrawAsync(10, First)));
    }

    [Fact]
    public async Task A_destination_is_known_after_it_was_forgotten_and_after_the_key_was_changed()
    {
        var first = await WithdrawAsync(10);
        (await ProcessAsync(first, "completed")).Expect(200);
        await _database.ExecuteAsync("UPDATE payouts SET destination = NULL WHERE id = $1", first);
        await using var later = await StartAsync(
            ("Encryption:Key", "the next encryption key, 32 characters or more"),
            ("Encryption:PreviousKey", ApiSetup.EncryptionKey)
        );

        Assert.Null(await HeldForAsync(await WithdrawAsync(10)));
        Assert.Null(await HeldForAsync(await WithdrawAsync(10, server: later)));
        Assert.Equal("new_destination", await HeldForAsync(await WithdrawAsync(10, Second, server: later)));
    }

    [Fact]
    public async Task Switched_off_nothing_is_held()
    {
        await using var off = await ApiServer.StartAsync(_database);
        (await ProcessAsync(await WithdrawAsync(10), "completed")).Expect(200);

        Assert.Null(await HeldForAsync(await WithdrawAsync(500, Second, server: off)));
    }

    [Fact]
    public async Task Administrators_list_those_that_are_held_or_the_others()
    {
        var (held, other) = (await WithdrawAsync(60), await WithdrawAsync(10));

        Assert.Equal([held], await ListAsync("true"));
        Assert.Equal([other], await ListAsync("false"));

        async Task<IEnumerable<Guid>> ListAsync(string isHeld) =>
            (await _admin.Api.GetAsync($"/api/v1/admin/payouts?held={isHeld}"))
                .Expect(200)["data"]
                .EnumerateArray()
                .Select(it => it.GetProperty("id").GetGuid())
                .ToList();
    }

    [Fact]
    public async Task What_is_not_there_cannot_be_released()
    {
        (await ReleaseAsync(Guid.Empty)).Expect(404, "NOT_FOUND");
        (await _admin.Api.PostAsync("/api/v1/admin/payouts/nonsense/release")).Expect(404, "NOT_FOUND");
        (await _user.Api.PostAsync($"/api/v1/admin/payouts/{await WithdrawAsync(60)}/release")).Expect(401);
    }

    [Fact]
    public async Task Of_20_releases_one_counts()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var payout = await WithdrawAsync(60);

            var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => ReleaseAsync(payout, i)));

            Assert.Single(answers, it => it.Status == 200);
            Assert.All(answers.Where(it => it.Status != 200), it => it.Expect(400, "PAYOUT_NOT_HELD"));
            Assert.Equal(1, await CountAsync(payout, "WITHDRAWAL_RELEASED"));
        }
    }

    [Fact]
    public async Task While_it_is_released_a_payout_is_paid_after_that_or_not_at_all()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var payout = await WithdrawAsync(60);

            var answers = await Task.WhenAll(
                Enumerable
                    .Range(0, 20)
                    .Select(i => i == 10 ? ReleaseAsync(payout, i) : ProcessAsync(payout, "completed", i))
            );

            answers[10].Expect(200);
            var paid = answers.Where((it, i) => i != 10 && it.Status == 200).Count();
            Assert.InRange(paid, 0, 1);
            Assert.All(
                answers.Where(it => it.Status != 200),
                it => Assert.True(it.Status == 400 && it.Code is "PAYOUT_HELD" or "INVALID_PAYOUT_TRANSITION", $"{it}")
            );
            Assert.Equal(1 + paid, await CountAsync(payout, "WITHDRAWAL_RELEASED", "WITHDRAWAL_PROCESSED"));
        }
    }

    [Fact]
    public async Task While_it_is_released_or_fails_a_held_payout_is_in_one_batch_or_in_none()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var payout = await WithdrawAsync(10);
            (await ProcessAsync(payout, "processing")).Expect(200);
            await _database.ExecuteAsync("UPDATE payouts SET held_for = 'restore' WHERE id = $1", payout);
            var exported = 0;

            await Task.WhenAll(
                Enumerable
                    .Range(0, 12)
                    .Select(async i =>
                    {
                        if (i is 4 or 5)
                        {
                            await (i == 4 ? ReleaseAsync(payout, i) : ProcessAsync(payout, "failed", i));
                        }
                        else
                        {
                            Interlocked.Add(ref exported, await ExportAsync(_servers[i % 2]));
                        }
                    })
            );

            Assert.InRange(exported, 0, 1);
            Assert.Equal(
                exported,
                await _database.ScalarAsync<long>(
                    "SELECT count(*) FROM payouts WHERE id = $1 AND export_id IS NOT NULL AND held_for IS NULL",
                    payout
                )
            );
        }
    }

    private async Task<int> ExportAsync(ApiServer server)
    {
        await using var scope = server.Services.CreateAsyncScope();
        var exports = scope.ServiceProvider.GetRequiredService<PayoutExports>();
        return (await exports.CreateAsync(_admin.Id, CancellationToken.None)).Export?.Payouts ?? 0;
    }

    private async Task<Guid> WithdrawAsync(
        decimal amount,
        string iban = First,
        string holder = "Somebody",
        ApiServer? server = null
    ) =>
        (
            await _user
                .At((server ?? _servers[0]).Anonymous)
                .Api.PostAsync("/api/v1/users/me/payouts", Person.PayoutOf(amount, iban, holder))
        )
            .Expect(201)["id"]
            .GetGuid();

    private Task<Answer> ReleaseAsync(Guid payout, int at = 0) =>
        _admin.At(_servers[at % 2].Anonymous).Api.PostAsync($"/api/v1/admin/payouts/{payout}/release");

    private Task<Answer> ProcessAsync(Guid payout, string status, int at = 0) =>
        _admin.At(_servers[at % 2].Anonymous).Api.PatchAsync($"/api/v1/admin/payouts/{payout}/process", new { status });

    private async Task<string?> HeldForAsync(Guid payout) =>
        (await _admin.Api.GetAsync("/api/v1/admin/payouts?limit=100"))
            .Expect(200)["data"]
            .EnumerateArray()
            .Single(it => it.GetProperty("id").GetGuid() == payout)
            .GetProperty("held_for")
            .GetString();

    private Task<long> CountAsync(Guid payout, params string[] actions) =>
        _database.ScalarAsync<long>(
            "SELECT count(*) FROM audit_logs WHERE resource_id = $1 AND action = ANY ($2)",
            payout,
            actions
        );

    private Task<ApiServer> StartAsync(params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string?>
        {
            ["Payouts:ReviewAmount"] = "50",
            ["Payouts:ReviewNewDestinations"] = "true",
        };
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        return ApiServer.StartAsync(_database, new ApiSetup { Settings = all });
    }
}
