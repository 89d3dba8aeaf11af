using ClickNBack.Api.Payouts;
using ClickNBack.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ClickNBack.Tests.Integration;

public sealed class PayoutTests(Platform platform) : IClassFixture<Platform>
{
    private const string Path = "/api/v1/users/me/payouts";

    private ApiClient Admin => platform.Admin.Api;

    [Fact]
    public async Task A_payout_leaves_the_available_balance_at_once()
    {
        var user = await WithAvailableAsync(100);

        var answer = await user.Api.PostAsync(Path, Transfer(40));

        Assert.Equal("requested", answer.Expect(201)["status"].GetString());
        Assert.Equal("40.00", answer["amount"].GetString());
        Assert.Equal(new Balances("0.00", "60.00"), await user.WalletAsync());
        await platform.Database.InvariantsHoldAsync();
    }

    [Fact]
    public async Task A_completed_payout_counts_as_paid()
    {
        var user = await WithAvailableAsync(100);
        var payout = await user.WithdrawAsync(40);

        (await ProcessAsync(payout, "processing")).Expect(200);
        var answer = await ProcessAsync(payout, "completed");

        Assert.Equal($$"""{"id":"{{payout}}","status":"completed"}""", answer.Expect(200).Text);
        Assert.Equal(new Balances("0.00", "60.00", "40.00"), await user.WalletAsync());
        await platform.Database.InvariantsHoldAsync();
    }

    [Fact]
    public async Task A_failed_payout_gives_the_money_back()
    {
        var user = await WithAvailableAsync(100);
        var payout = await user.WithdrawAsync(40);

        (await ProcessAsync(payout, "failed")).Expect(200);

        Assert.Equal(new Balances("0.00", "100.00"), await user.WalletAsync());
        await platform.Database.InvariantsHoldAsync();
    }

    [Fact]
    public async Task A_failed_payout_pays_a_debt_first()
    {
        var shop = await platform.Admin.OpenShopAsync(10);
        var user = await platform.Server.UserAsync();
        var purchase = await user.BuyAsync(shop, 500);
        (await Admin.ConfirmAsync(purchase)).Expect(200);
        var payout = await user.WithdrawAsync(50);
        (await Admin.ReverseAsync(purchase)).Expect(200);
        Assert.Equal(new Balances("0.00", "0.00", Owed: "50.00"), await user.WalletAsync());

        (await ProcessAsync(payout, "failed")).Expect(200);

        Assert.Equal(new Balances("0.00", "0.00"), await user.WalletAsync());
        await platform.Database.InvariantsHoldAsync();
    }

    [Theory]
    [InlineData("completed", "failed")]
    [InlineData("completed", "completed")]
    [InlineData("failed", "completed")]
    [InlineData("failed", "processing")]
    public async Task A_final_status_stays(string final, string next)
    {
        var user = await WithAvailableAsync(100);
        var payout = await user.WithdrawAsync(40);
        (await ProcessAsync(payout, final)).Expect(200);
        var before = await user.WalletAsync();

        var answer = await ProcessAsync(payout, next);

        answer.Expect(400, "INVALID_PAYOUT_TRANSITION");
        Assert.Equal(before, await user.WalletAsync());
    }

    [Fact]
    public async Task More_than_is_available_is_refused_with_the_balances()
    {
        var user = await WithAvailableAsync(30);

        var answer = await user.Api.PostAsync(Path, Transfer(30.01m));

        answer.Expect(409, "INSUFFICIENT_BALANCE");
        Assert.Equal("30.01", answer.Details.GetProperty("requested_amount").GetString());
        Assert.Equal("30.00", answer.Details.GetProperty("available_balance").GetString());
        Assert.Equal("0.00", answer.Details.GetProperty("pending_balance").GetString());
        Assert.Equal(new Balances("0.00", "30.00"), await user.WalletAsync());
    }

    [Fact]
    public async Task Less_than_the_minimum_is_against_the_rules()
    {
        var user = await WithAvailableAsync(30);

        var answer = await user.Api.PostAsync(Path, Transfer(9.99m));

        answer.Expect(422, "PAYOUT_POLICY_VIOLATION");
        Assert.Contains("10.00", answer["error.details.violations.0"].GetString());
    }

    [Fact]
    public async Task Limits_are_off_unless_configured_and_then_enforced()
    {
        var user = await WithAvailableAsync(300);
        await user.WithdrawAsync(100);
        await user.WithdrawAsync(10);
        await using var strict = await ApiServer.StartAsync(
            platform.Database,
            new ApiSetup
            {
                Settings =
                {
                    ["Payouts:WeeklyLimit"] = "200",
                    ["Payouts:MonthlyLimit"] = "115",
                    ["Payouts:HoursBetween"] = "48",
                },
            }
        );

        var answer = await strict.With(user.Api.AccessToken).PostAsync(Path, Transfer(95));

        answer.Expect(422, "PAYOUT_POLICY_VIOLATION");
        Assert.Equal(3, answer["error.details.violations"].GetArrayLength());
    }

    [Theory]
    [InlineData(
        """{"amount":10,"method":"bank_transfer","details":{"iban":"DE89370400440532013001","account_holder":"A"}}""",
        "details.iban"
    )]
    [InlineData(
        """{"amount":10,"method":"bank_transfer","details":{"iban":"DE89370400440532013000"}}""",
        "details.account_holder"
    )]
    [InlineData(
        """{"amount":10,"method":"card","details":{"card_token":"4242424242424242","card_holder":"A"}}""",
        "details.card_token"
    )]
    [InlineData(
        """{"amount":10,"method":"card","details":{"card_token":"4242-4242-4242-4242","card_holder":"A"}}""",
        "details.card_token"
    )]
    [InlineData(
        """{"amount":10,"method":"card","details":{"card_number":"4242424242424242","card_holder":"A"}}""",
        "details.card_token"
    )]
    [InlineData("""{"amount":10,"method":"cash","details":{}}""", "method")]
    [InlineData("""{"amount":10,"method":"card","details":"none"}""", "details")]
    [InlineData("""{"amount":10,"method":"card"}""", "details")]
    [InlineData(
        """{"amount":10.001,"method":"bank_transfer","details":{"iban":"DE89370400440532013000","account_holder":"A"}}""",
        "amount"
    )]
    [InlineData(
        """{"amount":-1,"method":"bank_transfer","details":{"iban":"DE89370400440532013000","account_holder":"A"}}""",
        "amount"
    )]
    public async Task A_malformed_payout_names_the_wrong_field(string body, string field)
    {
        var user = await WithAvailableAsync(30);

        var answer = await user.Api.SendTextAsync(HttpMethod.Post, Path, body);

        answer.Expect(422, "VALIDATION_ERROR");
        Assert.Equal(field, answer["error.details.violations.0.field"].GetString());
        Assert.Equal(new Balances("0.00", "30.00"), await user.WalletAsync());
    }

    [Fact]
    public async Task A_card_is_known_by_the_payment_processors_token()
    {
        var user = await WithAvailableAsync(30);
        var details = new { card_token = "card_1PqXk2", card_holder = "A" };

        var answer = await user.Api.PostAsync(
            Path,
            new
            {
                amount = 10,
                method = "card",
                details,
            }
        );

        var destination = (
            await platform.Admin.Api.GetAsync($"/api/v1/admin/payouts/{answer.Expect(201)["id"]}/destination")
        ).Expect(200);
        Assert.Equal("""{"card_token":"card_1PqXk2","card_holder":"A"}""", destination["details"].GetRawText());
    }

    [Fact]
    public async Task Where_a_payout_goes_is_shown_to_administrators_and_cannot_be_read_in_the_database()
    {
        var user = await WithAvailableAsync(30);
        var payout = await user.WithdrawAsync(10);

        var shown = (await DestinationAsync(payout)).Expect(200);

        Assert.Equal(
            """{"iban":"DE89370400440532013000","account_holder":"Somebody"}""",
            shown["details"].GetRawText()
        );
        Assert.Equal("no-store", shown.Headers["Cache-Control"]);
        var stored = await platform.Database.ScalarAsync<string>(
            "SELECT row_to_json(payouts)::text || encode(destination, 'escape') FROM payouts WHERE id = $1",
            payout
        );
        Assert.DoesNotContain("37040044", stored, StringComparison.Ordinal);
        Assert.DoesNotContain("Somebody", stored, StringComparison.Ordinal);
        Assert.Equal(1, await LooksAsync(payout));
    }

    [Fact]
    public async Task A_destination_that_is_moved_to_another_payout_is_not_shown()
    {
        var user = await WithAvailableAsync(30);
        var (one, other) = (await user.WithdrawAsync(10), await user.WithdrawAsync(10));
        await platform.Database.ExecuteAsync(
            "SET session_replication_role = replica; UPDATE payouts SET destination = (SELECT destination FROM payouts WHERE id = '"
                + $"{one}') WHERE id = '{other}'"
        );

        (await DestinationAsync(other)).Expect(500, "INTERNAL_SERVER_ERROR");
        Assert.Equal(0, await LooksAsync(other));
    }

    [Fact]
    public async Task While_the_encryption_key_is_changed_destinations_are_shown_by_who_knows_the_key()
    {
        await using var later = await ApiServer.StartAsync(
            platform.Database,
            new ApiSetup
            {
                Settings =
                {
                    ["Encryption:Key"] = "the next encryption key, 32 characters or more",
                    ["Encryption:PreviousKey"] = ApiSetup.EncryptionKey,
                },
            }
        );
        var user = await WithAvailableAsync(30);
        var before = await user.WithdrawAsync(10);
        var after = await user.At(later.Anonymous).WithdrawAsync(10);

        (await DestinationAsync(before, later)).Expect(200);
        (await DestinationAsync(after, later)).Expect(200);
        Assert.Equal("1", (await DestinationAsync(after)).Expect(503, "SERVICE_UNAVAILABLE").Headers["Retry-After"]);
    }

    [Fact]
    public async Task Some_days_after_a_payout_has_ended_it_is_forgotten_where_it_went()
    {
        var clock = new MovedClock();
        await using var server = await ApiServer.StartAsync(
            platform.Database,
            new ApiSetup { Clock = clock, Settings = { ["Payouts:DestinationDays"] = "7" } }
        );
        var user = await WithAvailableAsync(40);
        var (paid, failed, open) = (
            await user.WithdrawAsync(10),
            await user.WithdrawAsync(10),
            await user.WithdrawAsync(10)
        );
        (await ProcessAsync(paid, "completed")).Expect(200);
        (await ProcessAsync(failed, "failed")).Expect(200);
        var erasure = server.Services.GetServices<IHostedService>().OfType<DestinationErasure>().Single();

        clock.Ahead = TimeSpan.FromDays(6.9);
        await erasure.RunAsync(default);
        (await DestinationAsync(paid)).Expect(200);
        clock.Ahead = TimeSpan.FromDays(7.1);
        await erasure.RunAsync(default);

        (await DestinationAsync(paid)).Expect(404, "PAYOUT_DESTINATION_ERASED");
        (await DestinationAsync(failed)).Expect(404, "PAYOUT_DESTINATION_ERASED");
        (await DestinationAsync(open)).Expect(200);
    }

    [Fact]
    public async Task Two_hundred_simultaneous_payouts_never_overdraw()
    {
        var user = await WithAvailableAsync(1000);
        await using var other = await ApiServer.StartAsync(platform.Database);
        ApiClient[] processes = [user.Api, other.With(user.Api.AccessToken)];

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 200).Select(it => processes[it % 2].PostAsync(Path, Transfer(10)))
        );

        Assert.Equal(100, answers.Count(it => it.Status == 201));
        Assert.All(answers.Where(it => it.Status != 201), it => it.Expect(409, "INSUFFICIENT_BALANCE"));
        Assert.Equal(new Balances("0.00", "0.00"), await user.WalletAsync());
        await platform.Database.InvariantsHoldAsync();
    }

    [Fact]
    public async Task Of_simultaneous_decisions_about_a_payout_one_wins()
    {
        var user = await WithAvailableAsync(100);
        var payout = await user.WithdrawAsync(40);

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(it => ProcessAsync(payout, it % 2 == 0 ? "completed" : "failed"))
        );

        Assert.Single(answers, it => it.Status == 200);
        Assert.All(answers.Where(it => it.Status != 200), it => it.Expect(400, "INVALID_PAYOUT_TRANSITION"));
        await platform.Database.InvariantsHoldAsync();
    }

    [Fact]
    public async Task Everybody_lists_their_own_payouts_and_administrators_all()
    {
        var user = await WithAvailableAsync(100);
        var other = await WithAvailableAsync(100);
        var first = await user.WithdrawAsync(10);
        var second = await user.WithdrawAsync(20);
        var others = await other.WithdrawAsync(30);
        (await ProcessAsync(first, "completed")).Expect(200);

        var mine = (await user.Api.GetAsync(Path)).Expect(200);
        var requested = (await user.Api.GetAsync($"{Path}?status=requested")).Expect(200);
        var all = (
            await Admin.GetAsync(
                $"/api/v1/admin/payouts?user_id={other.Id}&start_date={Person.Today:O}&end_date={Person.Today:O}"
            )
        ).Expect(200);

        Assert.Equal([second, first], mine["data"].EnumerateArray().Select(it => it.GetProperty("id").GetGuid()));
        Assert.Equal([second], requested["data"].EnumerateArray().Select(it => it.GetProperty("id").GetGuid()));
        Assert.Equal([others], all["data"].EnumerateArray().Select(it => it.GetProperty("id").GetGuid()));
        Assert.DoesNotContain("DE89370400440532013000", mine.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_and_decision_are_audited()
    {
        var user = await WithAvailableAsync(100);
        var payout = await user.WithdrawAsync(40);
        (await ProcessAsync(payout, "completed")).Expect(200);

        Assert.Equal(
            [$"WITHDRAWAL_REQUESTED user {user.Id}", $"WITHDRAWAL_PROCESSED admin {platform.Admin.Id}"],
            await platform.Database.RowsAsync(
                "SELECT action, actor_type, actor_id FROM audit_logs WHERE resource_id = $1 ORDER BY occurred_at",
                payout
            )
        );
    }

    [Theory]
    [InlineData("0b9b1a1e-0000-0000-0000-000000000000")]
    [InlineData("invalid")]
    public async Task An_unknown_payout_is_not_found(string id)
    {
        var answer = await Admin.PatchAsync($"/api/v1/admin/payouts/{id}/process", new { status = "completed" });

        answer.Expect(404, "NOT_FOUND");
        Assert.Equal("payout", answer.Details.GetProperty("resource_type").GetString());
    }

    [Theory]
    [InlineData("requested")]
    [InlineData("paid")]
    public async Task Nothing_becomes_a_status_that_is_none(string status)
    {
        var user = await WithAvailableAsync(30);
        (await ProcessAsync(await user.WithdrawAsync(10), status)).Expect(422, "VALIDATION_ERROR");
    }

    private Task<Answer> ProcessAsync(Guid payout, string status) =>
        Admin.PatchAsync($"/api/v1/admin/payouts/{payout}/process", new { status });

    private static object Transfer(decimal amount) =>
        new
        {
            amount,
            method = "bank_transfer",
            details = new { iban = "DE89370400440532013000", account_holder = "Somebody" },
        };

    private async Task<Person> WithAvailableAsync(decimal amount)
    {
        var shop = await platform.Admin.OpenShopAsync(amount, "fixed");
        var user = await platform.Server.UserAsync();
        (await Admin.ConfirmAsync(await user.BuyAsync(shop, 1))).Expect(200);
        return user;
    }

    private Task<Answer> DestinationAsync(Guid payout, ApiServer? server = null) =>
        platform
            .Admin.At((server ?? platform.Server).Anonymous)
            .Api.GetAsync($"/api/v1/admin/payouts/{payout}/destination");

    private Task<long> LooksAsync(Guid payout) =>
        platform.Database.ScalarAsync<long>(
            "SELECT count(*) FROM audit_logs WHERE action = 'PAYOUT_DESTINATION_READ' AND resource_id = $1",
            payout
        );

    /// <summary>The system's clock, set ahead.</summary>
    private sealed class MovedClock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;
    }
}
