using System.Text.Json.Nodes;
using ClickNBack.Tests.Infrastructure;
using Npgsql;

namespace ClickNBack.Tests.Integration;

/// <summary>What merchants report decides purchases, once and whichever came first.</summary>
public sealed class ReportTests(Reporting shared) : IClassFixture<Reporting>, IAsyncLifetime
{
    private readonly string _order1 = Unique.Text();
    private readonly string _order2 = Unique.Text();
    private Reporting _platform = null!;
    private Person _user = null!;
    private Reporter _merchant = null!;

    public Task InitializeAsync() => StartAsync(shared);

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData("approved", "confirmed", "0.00", "10.00")]
    [InlineData("declined", "rejected", "0.00", "0.00")]
    [InlineData("returned", "reversed", "0.00", "0.00")]
    public async Task A_report_decides_what_was_claimed(string said, string status, string pending, string available)
    {
        var purchase = await BuyAsync(_order1);
        await RoundAsync();
        Assert.Equal("pending", await StatusOfAsync(purchase)); // nobody has reported it

        await SayAsync(_merchant.Said(_order1, 100, said, reason: "As they say."));

        Assert.Equal(status, await StatusOfAsync(purchase));
        Assert.Equal(new Balances(pending, available), await _user.WalletAsync());
        Assert.Equal(["settled"], await StatesAsync());
    }

    [Theory]
    [InlineData("approved", "confirmed")]
    [InlineData("declined", "rejected")]
    [InlineData("returned", "reversed")]
    public async Task What_was_reported_first_waits_for_its_claim(string said, string status)
    {
        await SayAsync(_merchant.Said(_order1, 100, said));
        Assert.Equal(["unclaimed"], await StatesAsync());

        var purchase = await BuyAsync(_order1);
        await RoundAsync();

        Assert.Equal(status, await StatusOfAsync(purchase));
        Assert.Equal(["settled"], await StatesAsync());
    }

    [Fact]
    public async Task The_merchants_reason_stands_in_the_audit_log()
    {
        var declined = await BuyAsync(_order1);
        var returned = await BuyAsync(_order2);

        await SayAsync(
            _merchant.Said(_order1, 100, "declined", reason: "Cancelled in the shop."),
            _merchant.Said(_order2, 100, "returned", reason: "Sent back.")
        );

        Assert.Equal(
            ["PURCHASE_REJECTED system Cancelled in the shop.", "PURCHASE_REVERSED system Sent back."],
            await _platform.Database.RowsAsync(
                """
                SELECT action, actor_type, details ->> 'reason' FROM audit_logs
                WHERE resource_id IN ($1, $2) ORDER BY action
                """,
                declined,
                returned
            )
        );
    }

    [Fact]
    public async Task What_is_returned_after_it_was_withdrawn_becomes_a_debt()
    {
        await BuyAsync(_order1, 200);
        await SayAsync(_merchant.Said(_order1, 200, at: Now.AddDays(-2)));
        await _user.WithdrawAsync(15);

        await SayAsync(_merchant.Said(_order1, 200, "returned", at: Now.AddDays(-1)));

        Assert.Equal(new Balances("0.00", "0.00", Owed: "15.00"), await _user.WalletAsync());
    }

    [Fact]
    public async Task The_order_in_which_approval_and_return_come_in_does_not_matter()
    {
        var straight = await BuyAsync(_order1);
        var crossed = await BuyAsync(_order2);

        await SayAsync(_merchant.Said(_order1, 100, at: Now.AddDays(-2)));
        await SayAsync(
            _merchant.Said(_order1, 100, "returned", at: Now.AddDays(-1)),
            _merchant.Said(_order2, 100, "returned", at: Now.AddDays(-1))
        );
        await SayAsync(_merchant.Said(_order2, 100, at: Now.AddDays(-2)));

        Assert.Equal("reversed", await StatusOfAsync(straight));
        Assert.Equal("reversed", await StatusOfAsync(crossed));
        Assert.Empty(await CasesAsync());
    }

    [Fact]
    public async Task Both_in_one_message_are_two_steps_of_one_purchase()
    {
        var purchase = await BuyAsync(_order1);

        await SayAsync(
            _merchant.Said(_order1, 100, "returned", at: Now.AddDays(-1)),
            _merchant.Said(_order1, 100, at: Now.AddDays(-2))
        );

        Assert.Equal("reversed", await StatusOfAsync(purchase));
        Assert.Equal(["settled", "settled"], await StatesAsync());
        Assert.Equal(
            ["PURCHASE_CONFIRMED", "PURCHASE_REVERSED"],
            await _platform.Database.RowsAsync(
                "SELECT action FROM audit_logs WHERE resource_id = $1 ORDER BY action",
                purchase
            )
        );
    }

    [Fact]
    public async Task What_was_reported_before_the_claim_is_looked_at_even_if_a_later_report_comes_in_before_the_job_looks()
    {
        await SayAsync(_merchant.Said(_order1, 100, "declined"));
        var purchase = await BuyAsync(_order1);

        await SayAsync(_merchant.Said(_order1, 100, at: Now.AddDays(-1)));

        Assert.Equal(["disputed", "settled"], (await StatesAsync()).Order(StringComparer.Ordinal));
        Assert.Equal("confirmed", await StatusOfAsync(purchase)); // what happened first comes first
        Assert.Equal(["contradicting_reports open"], await CasesAsync());
    }

    [Theory]
    [InlineData("returned", "reversed", 0)]
    [InlineData("declined", "confirmed", 1)]
    [InlineData("approved", "confirmed", 0)]
    public async Task What_was_reported_before_the_claim_counts_even_if_an_administrator_confirms_before_the_job_looks(
        string said,
        string status,
        int cases
    )
    {
        await SayAsync(_merchant.Said(_order1, 100, said));
        var purchase = await BuyAsync(_order1);

        await _platform.Admin.Api.ConfirmAsync(purchase);
        await RoundAsync();

        Assert.Equal(status, await StatusOfAsync(purchase));
        Assert.Equal(cases, (await CasesAsync()).Count);
        Assert.Equal([cases == 0 ? "settled" : "disputed"], await StatesAsync());
    }

    [Fact]
    public async Task An_approval_before_the_claim_contradicts_an_administrator_who_reverses_before_the_job_looks()
    {
        await SayAsync(_merchant.Said(_order1, 100));
        var purchase = await BuyAsync(_order1);

        (await _platform.Admin.Api.ReverseAsync(purchase)).Expect(200);
        await RoundAsync();

        Assert.Equal("reversed", await StatusOfAsync(purchase));
        Assert.Equal(["contradicting_reports open"], await CasesAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_return_that_a_round_looked_at_before_the_claim_is_not_lost_if_somebody_confirms_meanwhile(
        bool byHand
    )
    {
        await _merchant.ReportAsync(_platform.Server.Anonymous, _merchant.Said(_order1, 100, "returned"));
        await using var round = await _platform.Database.OpenAsOwnerAsync();
        await using var looking = await round.BeginTransactionAsync();
        await using var mark = new NpgsqlCommand(
            $"UPDATE reported_transactions SET state = 'unclaimed' WHERE order_reference = '{_order1}'",
            round,
            looking
        );
        await mark.ExecuteNonQueryAsync();
        var purchase = await BuyAsync(_order1);

        await _merchant.ReportAsync(_platform.Server.Anonymous, _merchant.Said(_order1, 100, at: Now.AddDays(-1)));
        Task confirmation = byHand ? _platform.Admin.Api.ConfirmAsync(purchase) : _platform.Server.VerifyAsync();
        await _platform.Database.SomebodyWaitsForAsync(round);
        await looking.CommitAsync();
        await confirmation;
        await RoundAsync();

        Assert.Equal("reversed", await StatusOfAsync(purchase));
        Assert.Equal(["settled", "settled"], await StatesAsync());
    }

    [Fact]
    public async Task Another_merchants_report_of_the_same_order_decides_nothing()
    {
        var purchase = await BuyAsync(_order1);
        var other = await _platform.NewMerchantAsync();

        await other.ReportAsync(_platform.Server.Anonymous, _merchant.Said(_order1, 100));
        await RoundAsync();

        Assert.Equal("pending", await StatusOfAsync(purchase));
        Assert.Equal(["unclaimed"], await StatesAsync());
    }

    [Fact]
    public async Task A_message_is_taken_in_once_however_often_it_is_sent()
    {
        await BuyAsync(_order1);
        var body = Reporter.Body(_merchant.Said(_order1, 100));
        var first = (await _merchant.TryReportAsync(_platform.Server.Anonymous, body, "m-1")).Expect(202);
        await RoundAsync();

        var again = (await _merchant.TryReportAsync(_platform.Server.Anonymous, body, "m-1")).Expect(202);
        await RoundAsync();

        Assert.Equal(first.Text, again.Text);
        Assert.Equal(1, again["transactions"].GetInt32());
        Assert.Equal(["settled"], await StatesAsync());
        var other = Reporter.Body(_merchant.Said(_order2, 1));
        (await _merchant.TryReportAsync(_platform.Server.Anonymous, other, "m-1")).Expect(409, "MESSAGE_ID_REUSED");
        Assert.Equal(["settled"], await StatesAsync());
    }

    [Fact]
    public async Task The_same_said_twice_changes_nothing()
    {
        var purchase = await BuyAsync(_order1);

        await SayAsync(_merchant.Said(_order1, 100));
        await SayAsync(_merchant.Said(_order1, 100));

        Assert.Equal("confirmed", await StatusOfAsync(purchase));
        Assert.Equal(new Balances("0.00", "10.00"), await _user.WalletAsync());
        Assert.Equal(["settled", "settled"], await StatesAsync());
    }

    [Fact]
    public async Task What_nobody_reports_within_the_window_is_rejected_and_a_late_approval_is_a_case()
    {
        await using var own = await StartOwnAsync();
        var purchase = await BuyAsync(_order1);
        await RoundAsync();
        _platform.Clock.Advance(TimeSpan.FromDays(45) - TimeSpan.FromSeconds(1));
        await RoundAsync();
        Assert.Equal("pending", await StatusOfAsync(purchase));

        _platform.Clock.Advance(TimeSpan.FromSeconds(1));
        await RoundAsync();

        Assert.Equal("rejected", await StatusOfAsync(purchase));
        Assert.Equal(
            ["Not reported within 45 days."],
            await _platform.Database.RowsAsync(
                "SELECT details ->> 'reason' FROM audit_logs WHERE action = 'PURCHASE_REJECTED' AND resource_id = $1",
                purchase
            )
        );
        await SayAsync(_merchant.Said(_order1, 100));
        Assert.Equal("rejected", await StatusOfAsync(purchase));
        Assert.Equal(["contradicting_reports open"], await CasesAsync());
    }

    [Fact]
    public async Task Where_the_flag_is_off_a_report_waits_until_it_is_lifted()
    {
        await using var own = await StartOwnAsync();
        var purchase = await BuyAsync(_order1);
        await FlagAsync(false);

        await SayAsync(_merchant.Said(_order1, 100));
        Assert.Equal("pending", await StatusOfAsync(purchase));
        Assert.Equal(["new"], await StatesAsync());

        await FlagAsync(true);
        _platform.Clock.Advance(TimeSpan.FromSeconds(60));
        await RoundAsync();
        Assert.Equal("confirmed", await StatusOfAsync(purchase));
    }

    [Fact]
    public async Task A_transaction_that_cannot_be_matched_does_not_hold_up_the_others()
    {
        await using var own = await StartOwnAsync();
        var broken = await BuyAsync(_order1);
        var fine = await BuyAsync(_order2);
        await _platform.Database.ExecuteAsync(
            $"""
            ALTER TABLE purchases ADD CONSTRAINT broken CHECK (id <> '{broken}' OR status = 'pending') NOT VALID
            """
        );

        await SayAsync(_merchant.Said(_order1, 100), _merchant.Said(_order2, 100));

        Assert.Equal("pending", await StatusOfAsync(broken));
        Assert.Equal("confirmed", await StatusOfAsync(fine));
        Assert.Equal(["new", "settled"], (await StatesAsync()).Order(StringComparer.Ordinal));
        await _platform.Database.ExecuteAsync("ALTER TABLE purchases DROP CONSTRAINT broken");
        _platform.Clock.Advance(TimeSpan.FromSeconds(60));
        await RoundAsync();
        Assert.Equal("confirmed", await StatusOfAsync(broken));
    }

    [Fact]
    public async Task Only_who_has_a_secret_of_the_merchant_is_heard()
    {
        var body = Reporter.Body(_merchant.Said(_order1, 100));
        var other = await _platform.NewMerchantAsync();
        var stranger = other with { Shop = _merchant.Shop };
        var nobody = _merchant with { Shop = new Shop(Guid.CreateVersion7(), Guid.Empty) };

        (await stranger.TryReportAsync(_platform.Server.Anonymous, body)).Expect(401, "INVALID_SIGNATURE");
        (await stranger.TryReportAsync(_platform.Server.Anonymous, "{")).Expect(401, "INVALID_SIGNATURE"); // learns nothing else
        (await nobody.TryReportAsync(_platform.Server.Anonymous, body)).Expect(401, "INVALID_SIGNATURE");
        (await _merchant.SendAsync(_platform.Admin.Api, body)).Expect(401, "INVALID_SIGNATURE"); // whoever else one may be
        (await _merchant.TryReportAsync(_platform.Server.Anonymous, body, at: Now.AddMinutes(-6))).Expect(
            401,
            "INVALID_SIGNATURE"
        );
        Assert.Empty(await StatesAsync());
    }

    [Fact]
    public async Task A_secret_is_replaced_while_the_other_still_holds()
    {
        var body = Reporter.Body(_merchant.Said(_order1, 100));
        var address = $"/api/v1/merchants/{_merchant.Shop.Merchant}/webhook-secrets";
        var oldest = (await _platform.Admin.Api.GetAsync(address)).Expect(200)["data.0.id"].GetGuid();
        var next = _merchant with { Secret = await Reporter.NewSecretAsync(_platform.Admin, _merchant.Shop.Merchant) };
        (await _platform.Admin.Api.PostAsync(address)).Expect(409, "TOO_MANY_SECRETS");
        (await _merchant.TryReportAsync(_platform.Server.Anonymous, body)).Expect(202);
        (await next.TryReportAsync(_platform.Server.Anonymous, body)).Expect(202);

        var list = (await _platform.Admin.Api.GetAsync(address)).Expect(200);
        Assert.DoesNotContain("whsec_", list.Text, StringComparison.Ordinal);
        (await _platform.Admin.Api.DeleteAsync($"{address}/{oldest}")).Expect(204);
        (await _platform.Admin.Api.DeleteAsync($"{address}/{oldest}")).Expect(404, "NOT_FOUND");

        (await _merchant.TryReportAsync(_platform.Server.Anonymous, body)).Expect(401, "INVALID_SIGNATURE");
        (await next.TryReportAsync(_platform.Server.Anonymous, body)).Expect(202);
        await Reporter.NewSecretAsync(_platform.Admin, _merchant.Shop.Merchant); // there is room again
        Assert.Equal(
            ["WEBHOOK_SECRET_CREATED 3", "WEBHOOK_SECRET_REVOKED 1"],
            await _platform.Database.RowsAsync(
                "SELECT action, count(*) FROM audit_logs WHERE resource_id = $1 GROUP BY 1 ORDER BY 1",
                _merchant.Shop.Merchant
            )
        );
    }

    [Fact]
    public async Task A_secret_whose_encryption_key_is_gone_signs_nothing_and_is_an_error_of_ours_once()
    {
        await using var later = await ApiServer.StartAsync(
            _platform.Database,
            new ApiSetup
            {
                Clock = _platform.Clock,
                Settings =
                {
                    ["Verification:Mode"] = "reports",
                    ["Encryption:Key"] = "another encryption key, 32 characters or more",
                },
            }
        );
        var body = Reporter.Body(_merchant.Said(_order1, 100));

        (await _merchant.SendAsync(later.Anonymous, body)).Expect(401, "INVALID_SIGNATURE");
        (await _merchant.TryReportAsync(later.Anonymous, body)).Expect(401, "INVALID_SIGNATURE");

        var error = Assert.Single(
            later.ErrorLines,
            it => it.Contains($"{_merchant.Shop.Merchant}", StringComparison.Ordinal)
        );
        Assert.Contains("Encryption:PreviousKey", error);
        var admin = _platform.Admin.At(later.Anonymous);
        var next = _merchant with { Secret = await Reporter.NewSecretAsync(admin, _merchant.Shop.Merchant) };
        (await next.TryReportAsync(later.Anonymous, body)).Expect(202);
        Assert.Single(later.ErrorLines, it => it.Contains($"{_merchant.Shop.Merchant}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_database_does_not_hold_a_secret_in_clear()
    {
        var secret = Convert.FromBase64String(_merchant.Secret["whsec_".Length..]);

        var stored = await _platform.Database.ScalarAsync<byte[]>(
            "SELECT ciphertext FROM webhook_secrets WHERE merchant_id = $1",
            _merchant.Shop.Merchant
        );

        Assert.DoesNotContain(Convert.ToHexString(secret), Convert.ToHexString(stored), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_wrong_field_of_every_transaction_is_named_and_nothing_is_taken_in()
    {
        var wrong = new JsonObject
        {
            ["amount"] = 1.001,
            ["currency"] = "eur",
            ["status"] = "lost",
            ["reported_at"] = "2026-11-20T10:00:00",
        };
        var answer = await _merchant.TryReportAsync(
            _platform.Server.Anonymous,
            Reporter.Body(_merchant.Said(_order1, 100), wrong, JsonValue.Create(7))
        );

        answer.Expect(422, "VALIDATION_ERROR");
        Assert.Equal(
            [
                "transactions.1.order_reference",
                "transactions.1.amount",
                "transactions.1.currency",
                "transactions.1.status",
                "transactions.1.reported_at",
                "transactions.2",
            ],
            answer.Details.GetProperty("violations").EnumerateArray().Select(it => it.GetProperty("field").GetString())
        );
        Assert.Empty(await StatesAsync());
    }

    [Theory]
    [InlineData("{}", "transactions", "is required")]
    [InlineData("""{"transactions": []}""", "transactions", "must have 1 to 1000 entries")]
    [InlineData("""{"transactions": {}}""", "transactions", "must be a list")]
    public async Task A_message_has_a_list_of_transactions(string body, string field, string reason)
    {
        var answer = (await _merchant.TryReportAsync(_platform.Server.Anonymous, body)).Expect(422, "VALIDATION_ERROR");

        Assert.Equal(field, answer["error.details.violations.0.field"].GetString());
        Assert.Equal(reason, answer["error.details.violations.0.reason"].GetString());
    }

    [Fact]
    public async Task A_thousand_transactions_are_taken_in_and_not_one_more()
    {
        var thousand = Enumerable.Range(0, 1000).Select(it => _merchant.Said($"{_order1}-{it}", 1)).ToArray();

        (await _merchant.TryReportAsync(_platform.Server.Anonymous, Reporter.Body(thousand))).Expect(202);
        (
            await _merchant.TryReportAsync(
                _platform.Server.Anonymous,
                Reporter.Body([.. thousand, _merchant.Said("x", 1)])
            )
        ).Expect(422, "VALIDATION_ERROR");

        await RoundAsync();
        Assert.Equal(
            1000,
            await _platform.Database.ScalarAsync<long>(
                "SELECT count(*) FROM reported_transactions WHERE state = 'unclaimed' AND merchant_id = $1",
                _merchant.Shop.Merchant
            )
        );
    }

    [Fact]
    public async Task What_is_said_to_happen_in_the_future_is_refused()
    {
        var answer = await _merchant.TryReportAsync(
            _platform.Server.Anonymous,
            Reporter.Body(_merchant.Said(_order1, 100, at: Now.AddHours(1)))
        );

        answer.Expect(422, "VALIDATION_ERROR");
        Assert.Equal("transactions.0.reported_at", answer["error.details.violations.0.field"].GetString());
    }

    // For a test that moves the clock, or is about everybody's purchases.
    private async Task<Reporting> StartOwnAsync()
    {
        var own = new Reporting();
        await own.InitializeAsync();
        await StartAsync(own);
        return own;
    }

    private async Task StartAsync(Reporting platform)
    {
        _platform = platform;
        _user = await platform.Server.UserAsync();
        _merchant = await platform.NewMerchantAsync();
    }

    private Task<string> StatusOfAsync(Guid purchase) =>
        _platform.Database.ScalarAsync<string>("SELECT status FROM purchases WHERE id = $1", purchase);

    private DateTimeOffset Now => _platform.Clock.GetUtcNow();

    private Task<Guid> BuyAsync(string order, decimal amount = 100) => _user.BuyAsync(_merchant.Shop, amount, order);

    private async Task SayAsync(params JsonObject[] transactions)
    {
        (await _merchant.TryReportAsync(_platform.Server.Anonymous, Reporter.Body(transactions))).Expect(202);
        await RoundAsync();
    }

    // Until nothing is left to do: a purchase takes one step a round.
    private async Task RoundAsync()
    {
        while (await _platform.Server.VerifyAsync() > 0)
        {
            // There may be more.
        }
    }

    private async Task FlagAsync(bool enabled) =>
        (await _platform.Admin.Api.PutAsync("/api/v1/feature-flags/purchase_auto_confirm", new { enabled })).Expect(
            200
        );

    private Task<List<string>> StatesAsync() =>
        _platform.Database.RowsAsync(
            "SELECT state FROM reported_transactions WHERE order_reference IN ($1, $2) ORDER BY id",
            _order1,
            _order2
        );

    private Task<List<string>> CasesAsync() =>
        _platform.Database.RowsAsync(
            """
            SELECT kind, coalesce(decision, 'open') FROM cases JOIN purchases ON purchases.id = purchase_id WHERE purchases.user_id = $1
            """,
            _user.Id
        );
}
