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
