using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration;

public sealed class ResolutionTests(Platform platform) : IClassFixture<Platform>
{
    private ApiClient Admin => platform.Admin.Api;

    [Fact]
    public async Task Confirming_makes_the_cashback_available()
    {
        var (user, purchase) = await BoughtAsync(100);

        var answer = await Admin.ConfirmAsync(purchase);

        Assert.Equal(
            $$"""{"id":"{{purchase}}","status":"confirmed","cashback_amount":"10.00"}""",
            answer.Expect(200).Text
        );
        Assert.Equal(new Balances("0.00", "10.00"), await user.WalletAsync());
        Assert.Equal("available", (await SeenAsync(user, purchase))["cashback_status"].GetString());
        await platform.Database.InvariantsHoldAsync();
    }

    [Fact]
    public async Task Confirming_is_audited_as_the_administrators()
    {
        var (_, purchase) = await BoughtAsync(100);

        (await Admin.ConfirmAsync(purchase)).Expect(200);

        var row = Assert.Single(
            await platform.Database.RowsAsync(
                """
                SELECT action, actor_type, actor_id, outcome, details->>'amount', details->>'currency',
                       details->>'cashback_amount', details ? 'merchant_id'
                FROM audit_logs WHERE resource_id = $1
                """,
                purchase
            )
        );
        Assert.Equal($"PURCHASE_CONFIRMED admin {platform.Admin.Id} success 100.00 EUR 10.00 True", row);
    }

    [Fact]
    public async Task Only_a_pending_purchase_is_confirmed()
    {
        var (_, purchase) = await BoughtAsync(100);
        (await Admin.ConfirmAsync(purchase)).Expect(200);
        await RefusedAsync("confirmed");

        (await Admin.ReverseAsync(purchase)).Expect(200);
        await RefusedAsync("reversed");

        async Task RefusedAsync(string status)
        {
            var answer = await Admin.ConfirmAsync(purchase);

            answer.Expect(400, "PURCHASE_NOT_PENDING");
            Assert.Equal(
                $$"""{"violations":[{"purchase_id":"{{purchase}}","current_status":"{{status}}","required_status":"pending"}]}""",
                answer.Details.GetRawText()
            );
            Assert.Contains(status, answer["error.message"].GetString());
        }
    }

    [Fact]
    public async Task Reversing_a_pending_purchase_takes_the_promise_back()
    {
        var (user, purchase) = await BoughtAsync(100);

        var answer = await Admin.ReverseAsync(purchase);

        Assert.Equal(
            $$"""{"id":"{{purchase}}","status":"reversed","cashback_amount":"0.00"}""",
            answer.Expect(200).Text
        );
        Assert.Equal(new Balances("0.00", "0.00"), await user.WalletAsync());
        var seen = await SeenAsync(user, purchase);
        Assert.Equal("0.00", seen["cashback_amount"].GetString());
        Assert.Equal("reversed", seen["cashback_status"].GetString());
        await platform.Database.InvariantsHoldAsync();
    }

    [Fact]
    public async Task Reversing_a_confirmed_purchase_takes_the_cashback_back()
    {
        var (user, purchase) = await BoughtAsync(100);
        (await Admin.ConfirmAsync(purchase)).Expect(200);

        (await Admin.ReverseAsync(purchase)).Expect(200);

        Assert.Equal(new Balances("0.00", "0.00"), await user.WalletAsync());
        Assert.Equal(
            ["PURCHASE_CONFIRMED ", "PURCHASE_REVERSED confirmed"],
            await platform.Database.RowsAsync(
                "SELECT action, details->>'prior_status' FROM audit_logs WHERE resource_id = $1 ORDER BY occurred_at",
                purchase
            )
        );
        await platform.Database.InvariantsHoldAsync();
    }

    [Fact]
    public async Task A_purchase_is_reversed_once()
    {
        var (_, purchase) = await BoughtAsync(100);
        (await Admin.ReverseAsync(purchase)).Expect(200);

        var answer = await Admin.ReverseAsync(purchase);

        answer.Expect(400, "PURCHASE_ALREADY_REVERSED");
        Assert.Equal(
            $$"""{"violations":[{"purchase_id":"{{purchase}}","current_status":"reversed","reversible_from_statuses":["pending","confirmed"]}]}""",
            answer.Details.GetRawText()
        );
    }

    [Fact]
    public async Task A_rejected_purchase_is_neither_confirmed_nor_reversed()
    {
        await using var server = await ApiServer.StartAsync(
            platform.Database,
            new ApiSetup
            {
                Services = it => it.AddVerifier(new ControlledVerifier { Verdict = _ => false }),
                Settings = new() { ["Verification:MaxAttempts"] = "1" },
            }
        );
        var (user, purchase) = await BoughtAsync(100);
        await server.VerifyAsync();
        Assert.Equal("rejected", await user.StatusOfAsync(purchase));

        (await Admin.ReverseAsync(purchase)).Expect(400, "PURCHASE_ALREADY_REVERSED");
        (await Admin.ConfirmAsync(purchase)).Expect(400, "PURCHASE_NOT_PENDING");

        Assert.Equal(new Balances("0.00", "0.00"), await user.WalletAsync());
        await platform.Database.InvariantsHoldAsync();
    }

    [Fact]
    public async Task Reversing_what_was_withdrawn_leaves_a_debt_and_no_negative_balance()
    {
        var (user, withdrawn) = await BoughtAsync(300);
        (await Admin.ConfirmAsync(withdrawn)).Expect(200);
        await user.WithdrawAsync(20);

        (await Admin.ReverseAsync(withdrawn)).Expect(200);

        Assert.Equal(new Balances("0.00", "0.00", Owed: "20.00"), await user.WalletAsync());
        await platform.Database.InvariantsHoldAsync();
    }

    [Fact]
    public async Task A_debt_is_netted_from_the_next_cashback_until_it_is_paid()
    {
        var (user, withdrawn) = await BoughtAsync(300);
        (await Admin.ConfirmAsync(withdrawn)).Expect(200);
        await user.WithdrawAsync(30);
        (await Admin.ReverseAsync(withdrawn)).Expect(200);
        Assert.Equal(new Balances("0.00", "0.00", Owed: "30.00"), await user.WalletAsync());
        var shop = await platform.Admin.OpenShopAsync(10);

        var first = await user.BuyAsync(shop, 120);
        Assert.Equal(new Balances("12.00", "0.00", Owed: "30.00"), await user.WalletAsync()); // pending pays nothing
        (await Admin.ConfirmAsync(first)).Expect(200);
        Assert.Equal(new Balances("0.00", "0.00", Owed: "18.00"), await user.WalletAsync());

        (await Admin.ConfirmAsync(await user.BuyAsync(shop, 250))).Expect(200);
        Assert.Equal(new Balances("0.00", "7.00"), await user.WalletAsync());
        await platform.Database.InvariantsHoldAsync();
    }

    [Fact]
    public async Task Reversing_what_paid_a_debt_brings_the_debt_back()
    {
        var (user, withdrawn) = await BoughtAsync(300);
        (await Admin.ConfirmAsync(withdrawn)).Expect(200);
        await user.WithdrawAsync(30);
        (await Admin.ReverseAsync(withdrawn)).Expect(200);
        var payer = await user.BuyAsync(await platform.Admin.OpenShopAsync(10), 400);
        (await Admin.ConfirmAsync(payer)).Expect(200);
        Assert.Equal(new Balances("0.00", "10.00"), await user.WalletAsync());

        (await Admin.ReverseAsync(payer)).Expect(200);

        Assert.Equal(new Balances("0.00", "0.00", Owed: "30.00"), await user.WalletAsync());
        await platform.Database.InvariantsHoldAsync();
    }

    private async Task<(Person User, Guid Purchase)> BoughtAsync(decimal amount)
    {
        var user = await platform.Server.UserAsync();
        return (user, await user.BuyAsync(await platform.Admin.OpenShopAsync(10), amount));
    }

    private static async Task<Answer> SeenAsync(Person user, Guid purchase) =>
        (await user.Api.GetAsync($"/api/v1/purchases/{purchase}")).Expect(200);
}
