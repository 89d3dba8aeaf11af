using ClickNBack.Tests.Infrastructure;
using ClickNBack.Tests.Unit.ServiceDefaults;

namespace ClickNBack.Tests.Integration;

public sealed class CashbackTests(Platform platform) : IClassFixture<Platform>
{
    [Theory]
    [InlineData("percent", "5", "100.50", "5.02")]
    [InlineData("percent", "5", "100.70", "5.04")]
    [InlineData("percent", "5", "0.10", "0.00")]
    [InlineData("percent", "5", "0.30", "0.02")]
    [InlineData("percent", "5", "49.50", "2.48")]
    [InlineData("percent", "2.5", "0.60", "0.02")]
    [InlineData("percent", "2.5", "1.00", "0.02")]
    [InlineData("percent", "2.5", "1.40", "0.04")]
    [InlineData("fixed", "2.505", "1.00", "2.50")]
    [InlineData("fixed", "2.515", "1.00", "2.52")]
    [InlineData("fixed", "25", "0.01", "25.00")]
    public async Task Cashback_is_rounded_half_to_even(string type, string value, string amount, string cashback)
    {
        var user = await platform.Server.UserAsync();
        var shop = await platform.Admin.OpenShopAsync(decimal.Parse(value), type);

        var answer = await user.TryBuyAsync(shop, decimal.Parse(amount));

        Assert.Equal(cashback, answer.Expect(201)["cashback_amount"].GetString());
        Assert.Equal(cashback, (await user.WalletAsync()).Pending);
    }

    [Fact]
    public async Task A_month_earns_the_cap_and_no_cent_more()
    {
        var user = await platform.Server.UserAsync();
        var shop = await platform.Admin.OpenShopAsync(10, cap: 12.34m);

        Assert.Equal("10.00", await CashbackOfAsync(user, shop, 100));
        Assert.Equal("2.34", await CashbackOfAsync(user, shop, 100));
        Assert.Equal("0.00", await CashbackOfAsync(user, shop, 100));

        Assert.Equal(new Balances("12.34", "0.00"), await user.WalletAsync());
        await platform.Database.InvariantsHoldAsync();
    }

    [Fact]
    public async Task Each_user_and_each_offer_has_a_cap_of_its_own()
    {
        var first = await platform.Server.UserAsync();
        var second = await platform.Server.UserAsync();
        var shop = await platform.Admin.OpenShopAsync(10, cap: 5);
        var other = await platform.Admin.OpenShopAsync(10, cap: 5);

        Assert.Equal("5.00", await CashbackOfAsync(first, shop, 100));
        Assert.Equal("5.00", await CashbackOfAsync(second, shop, 100));
        Assert.Equal("5.00", await CashbackOfAsync(first, other, 100));
        Assert.Equal("0.00", await CashbackOfAsync(first, shop, 100));
    }

    [Fact]
    public async Task What_was_reversed_does_not_count()
    {
        var user = await platform.Server.UserAsync();
        var shop = await platform.Admin.OpenShopAsync(10, cap: 10);
        var pending = await user.BuyAsync(shop, 60);
        var confirmed = await user.BuyAsync(shop, 40);
        (await platform.Admin.Api.ConfirmAsync(confirmed)).Expect(200);
        Assert.Equal("0.00", await CashbackOfAsync(user, shop, 100));

        (await platform.Admin.Api.ReverseAsync(pending)).Expect(200);
        Assert.Equal("6.00", await CashbackOfAsync(user, shop, 100));

        (await platform.Admin.Api.ReverseAsync(confirmed)).Expect(200);
        Assert.Equal("4.00", await CashbackOfAsync(user, shop, 100));
        await platform.Database.InvariantsHoldAsync();
    }

    [Fact]
    public async Task What_was_rejected_does_not_count()
    {
        await using var server = await ApiServer.StartAsync(
            platform.Database,
            new ApiSetup { Settings = new() { ["Verification:MaxAttempts"] = "1" } }
        );
        var user = await server.UserAsync();
        await OpenRejectingShopAsync(cap: 10);
        var shop = new Shop(ApiSetup.RejectionMerchant, Guid.Empty);
        await user.BuyAsync(shop, 100);
        Assert.Equal("0.00", await CashbackOfAsync(user, shop, 100));

        await server.VerifyAsync();

        Assert.Equal("10.00", await CashbackOfAsync(user, shop, 100));
    }

    [Fact]
    public async Task The_cap_starts_anew_with_each_calendar_month_in_utc()
    {
        var clock = new ManualClock();
        await using var server = await ApiServer.StartAsync(platform.Database, new ApiSetup { Clock = clock });
        var shop = await platform.Admin.OpenShopAsync(10, cap: 10);
        await platform.Database.ExecuteAsync(
            "UPDATE offers SET start_date = '2026-01-01', end_date = '2026-12-31' WHERE id = $1",
            shop.Offer
        );
        var email = (await server.UserAsync()).Email;
        clock.Advance(new DateTimeOffset(2026, 1, 31, 23, 59, 59, TimeSpan.Zero) - clock.GetUtcNow());
        var user = await server.LoginAsync(email, Person.UsualPassword);

        Assert.Equal("10.00", await CashbackOfAsync(user, shop, 100));
        Assert.Equal("0.00", await CashbackOfAsync(user, shop, 100));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("10.00", await CashbackOfAsync(user, shop, 100));
    }

    [Fact]
    public async Task Simultaneous_purchases_do_not_exceed_the_cap_together()
    {
        await using var second = await ApiServer.StartAsync(platform.Database);
        for (var round = 0; round < 10; round++)
        {
            var user = await platform.Server.UserAsync();
            var elsewhere = user with { Api = second.With(user.Api.AccessToken) };
            var shop = await platform.Admin.OpenShopAsync(10, cap: 25);

            var answers = await Task.WhenAll(
                Enumerable.Range(0, 10).Select(i => (i % 2 == 0 ? user : elsewhere).TryBuyAsync(shop, 100))
            );

            Assert.All(answers, it => it.Expect(201));
            Assert.Equal(
                ["5.00", "10.00", "10.00"],
                answers
                    .Select(it => it["cashback_amount"].GetString()!)
                    .Where(it => it != "0.00")
                    .OrderBy(decimal.Parse)
            );
            Assert.Equal("25.00", (await user.WalletAsync()).Pending);
        }

        await platform.Database.InvariantsHoldAsync();
    }

    [Fact]
    public async Task Cashback_is_frozen_when_the_purchase_is_recorded()
    {
        var user = await platform.Server.UserAsync();
        var shop = await platform.Admin.OpenShopAsync(10);
        var purchase = await user.BuyAsync(shop, 100);
        var off = new { status = "inactive" };
        (await platform.Admin.Api.PatchAsync($"/api/v1/offers/{shop.Offer}/status", off)).Expect(200);
        (await platform.Admin.Api.PostAsync("/api/v1/offers/", Person.OfferOf(shop.Merchant, 1))).Expect(201);

        var answer = await platform.Admin.Api.ConfirmAsync(purchase);

        Assert.Equal("10.00", answer.Expect(200)["cashback_amount"].GetString());
        Assert.Equal(new Balances("0.00", "10.00"), await user.WalletAsync());
    }

    private static async Task<string?> CashbackOfAsync(Person person, Shop shop, decimal amount) =>
        (await person.TryBuyAsync(shop, amount)).Expect(201)["cashback_amount"].GetString();

    private async Task OpenRejectingShopAsync(decimal cap)
    {
        await platform.Database.ExecuteAsync(
            "INSERT INTO merchants VALUES ($1, 'BankSimFail', 0, true, now())",
            ApiSetup.RejectionMerchant
        );
        var offer = Person.OfferOf(ApiSetup.RejectionMerchant, 10, "percent", cap);
        (await platform.Admin.Api.PostAsync("/api/v1/offers/", offer)).Expect(201);
    }
}
