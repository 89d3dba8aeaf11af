using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration;

public sealed class WalletTests(Platform platform) : IClassFixture<Platform>
{
    private const string Transactions = "/api/v1/users/me/wallet/transactions";

    [Fact]
    public async Task Before_the_first_cashback_all_balances_are_zero()
    {
        var user = await platform.Server.UserAsync();

        var answer = await user.Api.GetAsync("/api/v1/users/me/wallet");

        Assert.Equal(
            """{"pending_balance":"0.00","available_balance":"0.00","paid_balance":"0.00","owed_balance":"0.00"}""",
            answer.Expect(200).Text
        );
    }

    [Fact]
    public async Task Every_cashback_is_a_transaction_newest_first()
    {
        var user = await platform.Server.UserAsync();
        var shop = await platform.Admin.OpenShopAsync(10);
        var reversed = await user.BuyAsync(shop, 10);
        var confirmed = await user.BuyAsync(shop, 20);
        var pending = await user.BuyAsync(shop, 30);
        (await platform.Admin.Api.ConfirmAsync(confirmed)).Expect(200);
        (await platform.Admin.Api.ReverseAsync(reversed)).Expect(200);

        var answer = await user.Api.GetAsync(Transactions);

        string Line(int index) =>
            string.Join(' ', answer[$"data.{index}"].EnumerateObject().Skip(1).Select(it => it.Value.GetString()));
        Assert.Equal(
            ["id", "amount", "status", "related_purchase_id", "type"],
            answer.Expect(200)["data.0"].EnumerateObject().Select(it => it.Name)
        );
        Assert.Equal($"3.00 pending {pending} cashback_credit", Line(0));
        Assert.Equal($"2.00 available {confirmed} cashback_credit", Line(1));
        Assert.Equal($"1.00 reversed {reversed} cashback_credit", Line(2)); // the amount stays what it was
        Assert.Equal(3, answer["pagination.total"].GetInt32());
    }

    [Fact]
    public async Task Nobody_sees_another_ones_transactions()
    {
        var user = await platform.Server.UserAsync();
        await (await platform.Server.UserAsync()).BuyAsync(await platform.Admin.OpenShopAsync(), 10);

        Assert.Equal(0, (await user.Api.GetAsync(Transactions)).Expect(200)["pagination.total"].GetInt32());
    }

    [Fact]
    public async Task A_purchase_without_cashback_moves_nothing_and_is_listed_all_the_same()
    {
        var user = await platform.Server.UserAsync();
        var purchase = await user.BuyAsync(await platform.Admin.OpenShopAsync(5), 0.10m);

        (await platform.Admin.Api.ConfirmAsync(purchase)).Expect(200);

        Assert.Equal(new Balances("0.00", "0.00"), await user.WalletAsync());
        var answer = await user.Api.GetAsync(Transactions);
        Assert.Equal("0.00", answer["data.0.amount"].GetString());
        Assert.Equal("available", answer["data.0.status"].GetString());
        Assert.Empty(
            await platform.Database.RowsAsync("SELECT movement FROM transfers WHERE purchase_id = $1", purchase)
        );
        await platform.Database.InvariantsHoldAsync();
    }
}
