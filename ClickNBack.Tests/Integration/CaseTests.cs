using System.Net.Http.Json;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration;

/// <summary>What claims and reports cannot settle between them, an administrator decides.</summary>
public sealed class CaseTests(Reporting platform) : IClassFixture<Reporting>, IAsyncLifetime
{
    private readonly string _order = Unique.Text();
    private Person _user = null!;
    private Reporter _merchant = null!;

    public async Task InitializeAsync()
    {
        _user = await platform.Server.UserAsync();
        _merchant = await platform.NewMerchantAsync();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task A_case_shows_both_sides()
    {
        var (purchase, id) = await DisputeAmountAsync();

        var list = (await platform.Admin.Api.GetAsync("/api/v1/admin/cases?status=open&limit=100")).Expect(200);
        var listed = list["data"].EnumerateArray().Single(it => it.GetProperty("id").GetGuid() == id);
        Assert.Equal("amount_differs", listed.GetProperty("kind").GetString());
        var both = (await platform.Admin.Api.GetAsync($"/api/v1/admin/cases/{id}")).Expect(200);
        Assert.Equal(purchase, both["claimed.purchase_id"].GetGuid());
        Assert.Equal("100.00", both["claimed.amount"].GetString());
        Assert.Equal("90.00", both["reported.0.amount"].GetString());
        Assert.Equal("disputed", both["reported.0.state"].GetString());
    }

    [Theory]
    [InlineData("confirm", "confirmed", "10.00", "PURCHASE_CONFIRMED")]
    [InlineData("reject", "rejected", "0.00", "PURCHASE_REJECTED")]
    public async Task An_administrator_decides_a_pending_purchase(
        string decision,
        string status,
        string available,
        string action
    )
    {
        var (purchase, id) = await DisputeAmountAsync();

        var answer = (await DecideAsync(id, decision)).Expect(200);

        Assert.Equal(status, answer["purchase_status"].GetString());
        Assert.Equal(status, await _user.StatusOfAsync(purchase));
        Assert.Equal(new Balances("0.00", available), await _user.WalletAsync());
        Assert.Equal(
            ["CASE_DECIDED admin", $"{action} admin"],
            await platform.Database.RowsAsync(
                "SELECT action, actor_type FROM audit_logs WHERE resource_id IN ($1, $2) ORDER BY action",
                purchase,
                id
            )
        );
        (await DecideAsync(id, "dismiss")).Expect(409, "CASE_ALREADY_DECIDED");
        Assert.DoesNotContain($"{id}", await ListAsync("open"), StringComparison.Ordinal);
        Assert.Contains($"{id}", await ListAsync("decided"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_declined_after_it_was_confirmed_is_reversed_by_decision_only()
    {
        var purchase = await _user.BuyAsync(_merchant.Shop, 100, _order);
        await SayAsync(_merchant.Said(_order, 100));
        await SayAsync(_merchant.Said(_order, 100, "declined"));
        Assert.Equal("confirmed", await _user.StatusOfAsync(purchase));
        var id = await OpenCaseAsync();

        (await DecideAsync(id, "confirm")).Expect(400, "DECISION_NOT_POSSIBLE");
        (await DecideAsync(id, "reject")).Expect(400, "DECISION_NOT_POSSIBLE");
        (await DecideAsync(id, "reverse")).Expect(200);

        Assert.Equal("reversed", await _user.StatusOfAsync(purchase));
        Assert.Equal(new Balances("0.00", "0.00"), await _user.WalletAsync());
    }

    [Fact]
    public async Task A_dismissed_case_leaves_the_purchase_and_the_next_report_counts_again()
    {
        var (purchase, id) = await DisputeAmountAsync();
        await SayAsync(_merchant.Said(_order, 100)); // while the case is open it is part of it
        Assert.Equal("pending", await _user.StatusOfAsync(purchase));
        Assert.Equal(
            "disputed",
            (await platform.Admin.Api.GetAsync($"/api/v1/admin/cases/{id}"))["reported.1.state"].GetString()
        );

        (await DecideAsync(id, "dismiss")).Expect(200);
        Assert.Equal("pending", await _user.StatusOfAsync(purchase));

        await SayAsync(_merchant.Said(_order, 100));
        Assert.Equal("confirmed", await _user.StatusOfAsync(purchase));
    }

    [Fact]
    public async Task An_order_that_two_users_claim_is_a_case_that_shows_both()
    {
        var purchase = await _user.BuyAsync(_merchant.Shop, 100, _order);

        var other = await ClaimTooAsync();

        var both = (await platform.Admin.Api.GetAsync($"/api/v1/admin/cases/{await OpenCaseAsync()}")).Expect(200);
        Assert.Equal("claimed_twice", both["kind"].GetString());
        Assert.Equal(purchase, both["claimed.purchase_id"].GetGuid());
        Assert.Equal(_user.Id, both["claimed.user_id"].GetGuid());
        Assert.Equal(other.Id, both["other_claims.0.user_id"].GetGuid());
        Assert.Equal("99.00", both["other_claims.0.amount"].GetString());
    }

    [Theory]
    [InlineData("confirm", "confirmed", "10.00")]
    [InlineData("reject", "rejected", "0.00")]
    [InlineData("dismiss", "pending", "0.00")]
    public async Task Of_two_claims_only_the_first_is_ever_paid(string decision, string status, string available)
    {
        var purchase = await _user.BuyAsync(_merchant.Shop, 100, _order);
        var other = await ClaimTooAsync();
        await SayAsync(_merchant.Said(_order, 100)); // does not say whose
        Assert.Equal("pending", await _user.StatusOfAsync(purchase));

        (await DecideAsync(await OpenCaseAsync(), decision)).Expect(200);
        await platform.Server.VerifyAsync();

        Assert.Equal(status, await _user.StatusOfAsync(purchase));
        Assert.Equal(available, (await _user.WalletAsync()).Available);
        Assert.Equal(new Balances("0.00", "0.00"), await other.WalletAsync());
        (await other.TryBuyAsync(_merchant.Shop, 99, _order)).Expect(409, "DUPLICATE_PURCHASE");
        Assert.Equal(1, await CountCasesAsync()); // said again, it is nothing new
    }

    [Fact]
    public async Task What_was_paid_to_the_wrong_one_of_two_is_taken_back_once()
    {
        var purchase = await _user.BuyAsync(_merchant.Shop, 100, _order);
        await SayAsync(_merchant.Said(_order, 100));
        await ClaimTooAsync();
        Assert.Equal("confirmed", await _user.StatusOfAsync(purchase));
        var id = await OpenCaseAsync();

        (await DecideAsync(id, "reverse")).Expect(200);
        (await DecideAsync(id, "reverse")).Expect(409, "CASE_ALREADY_DECIDED");

        Assert.Equal(new Balances("0.00", "0.00"), await _user.WalletAsync());
    }

    [Fact]
    public async Task A_third_claim_joins_the_open_case_and_opens_another_once_that_is_decided()
    {
        await _user.BuyAsync(_merchant.Shop, 100, _order);
        await ClaimTooAsync();
        await ClaimTooAsync();
        var id = await OpenCaseAsync();
        Assert.Equal(
            2,
            (await platform.Admin.Api.GetAsync($"/api/v1/admin/cases/{id}"))["other_claims"].GetArrayLength()
        );

        (await DecideAsync(id, "dismiss")).Expect(200);
        await ClaimTooAsync();

        Assert.Equal(2, await CountCasesAsync());
    }

    [Fact]
    public async Task Whoever_claims_an_order_again_or_one_of_another_merchant_makes_no_case()
    {
        await _user.BuyAsync(_merchant.Shop, 100, _order);
        var elsewhere = await platform.NewMerchantAsync();

        (await _user.TryBuyAsync(_merchant.Shop, 100, _order)).Expect(409, "DUPLICATE_PURCHASE");
        (await (await platform.Server.UserAsync()).TryBuyAsync(elsewhere.Shop, 100, _order)).Expect(
            409,
            "DUPLICATE_PURCHASE"
        );

        Assert.Equal(0, await CountCasesAsync());
    }

    [Fact]
    public async Task A_second_claim_is_remembered_even_if_it_is_sent_with_a_key()
    {
        await _user.BuyAsync(_merchant.Shop, 100, _order);
        var other = await platform.Server.UserAsync();
        var body = other.PurchaseAt(_merchant.Shop.Merchant, 100, _order);

        for (var time = 0; time < 2; time++)
        {
            (
                await other.Api.SendAsync(
                    HttpMethod.Post,
                    "/api/v1/purchases/",
                    JsonContent.Create(body),
                    ("Idempotency-Key", _order)
                )
            ).Expect(409, "DUPLICATE_PURCHASE");
        }

        Assert.Equal(1, await CountCasesAsync());
    }

    [Fact]
    public async Task A_case_that_does_not_exist_is_not_found()
    {
        (await platform.Admin.Api.GetAsync($"/api/v1/admin/cases/{Guid.Empty}")).Expect(404, "NOT_FOUND");
        (await platform.Admin.Api.GetAsync("/api/v1/admin/cases/nonsense")).Expect(404, "NOT_FOUND");
        (await DecideAsync(Guid.Empty, "dismiss")).Expect(404, "NOT_FOUND");
    }

    [Fact]
    public async Task A_decision_has_a_reason()
    {
        var (_, id) = await DisputeAmountAsync();

        (
            await platform.Admin.Api.PostAsync(
                $"/api/v1/admin/cases/{id}/decision",
                new { decision = "confirm", note = " " }
            )
        ).Expect(422, "VALIDATION_ERROR");
        (await platform.Admin.Api.PostAsync($"/api/v1/admin/cases/{id}/decision", new { decision = "confirm" })).Expect(
            422,
            "VALIDATION_ERROR"
        );
    }

    private async Task<(Guid Purchase, Guid Case)> DisputeAmountAsync()
    {
        var purchase = await _user.BuyAsync(_merchant.Shop, 100, _order);
        await SayAsync(_merchant.Said(_order, 90));
        Assert.Equal("pending", await _user.StatusOfAsync(purchase));
        return (purchase, await OpenCaseAsync());
    }

    private async Task<Person> ClaimTooAsync()
    {
        var other = await platform.Server.UserAsync();
        (await other.TryBuyAsync(_merchant.Shop, 99, _order)).Expect(409, "DUPLICATE_PURCHASE");
        return other;
    }

    private Task<long> CountCasesAsync() =>
        platform.Database.ScalarAsync<long>(
            "SELECT count(*) FROM cases JOIN purchases ON purchases.id = purchase_id WHERE external_id = $1",
            _order
        );

    private async Task<string> ListAsync(string status) =>
        (await platform.Admin.Api.GetAsync($"/api/v1/admin/cases?status={status}&limit=100")).Expect(200).Text;

    private Task<Guid> OpenCaseAsync() =>
        platform.Database.ScalarAsync<Guid>(
            """
            SELECT cases.id FROM cases JOIN purchases ON purchases.id = purchase_id
            WHERE external_id = $1 AND decided_at IS NULL
            """,
            _order
        );

    private Task<Answer> DecideAsync(Guid id, string decision) =>
        platform.Admin.Api.PostAsync(
            $"/api/v1/admin/cases/{id}/decision",
            new { decision, note = "As the receipt says." }
        );

    private async Task SayAsync(params System.Text.Json.Nodes.JsonObject[] transactions)
    {
        await _merchant.ReportAsync(platform.Server.Anonymous, transactions);
        await platform.Server.VerifyAsync();
    }
}
