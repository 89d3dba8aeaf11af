using System.Globalization;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration.Races;

/// <summary>What many do to purchases at once happens as if one after the other.</summary>
[Collection(RaceCollection.Name)]
[Trait("Category", "Repeated")]
public sealed class PurchaseRaceTests(RaceFixture races)
{
    private const string Purchases = "/api/v1/purchases/";

    [Fact]
    public async Task Of_50_equal_purchases_one_is_recorded()
    {
        var user = await races.UserAsync();
        var shop = await races.Admin.OpenShopAsync(10);

        await races.RepeatAsync(async round =>
        {
            var externalId = Unique.Text();

            var answers = await races.ConcurrentlyAsync(50, user, (it, _) => it.TryBuyAsync(shop, 10, externalId));

            answers.Expect(1, 201, 409, "DUPLICATE_PURCHASE");
            Assert.Equal(new Balances($"{round}.00", "0.00"), await user.WalletAsync());
        });
    }

    [Fact]
    public async Task Of_50_equal_purchases_of_different_people_one_is_recorded()
    {
        var people = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => races.UserAsync()));
        var shop = await races.Admin.OpenShopAsync(10);

        await races.RepeatAsync(async _ =>
        {
            var externalId = Unique.Text();

            var answers = await races.ConcurrentlyAsync(
                50,
                races.Admin,
                (there, i) => people[i % people.Length].At(there.Api).TryBuyAsync(shop, 10, externalId)
            );

            answers.Expect(1, 201, 409, "DUPLICATE_PURCHASE");
        });
    }

    [Fact]
    public async Task Of_50_equal_requests_with_one_idempotency_key_one_has_an_effect_and_all_get_its_answer()
    {
        var user = await races.UserAsync();
        var shop = await races.Admin.OpenShopAsync(10);

        await races.RepeatAsync(async round =>
        {
            var key = Unique.Text();
            var body = user.PurchaseAt(shop.Merchant, 10);

            var answers = await races.ConcurrentlyAsync(50, user, (it, _) => it.Api.PostAsync(Purchases, body, key));

            var replay = await user.Api.PostAsync(Purchases, body, key);
            IdempotencyRace.ExpectOneEffect(answers, replay);
            Assert.Equal(new Balances($"{round}.00", "0.00"), await user.WalletAsync());
        });
    }

    [Fact]
    public async Task Of_50_different_requests_with_one_idempotency_key_one_has_an_effect()
    {
        var user = await races.UserAsync();
        var shop = await races.Admin.OpenShopAsync(10);

        await races.RepeatAsync(async round =>
        {
            var key = Unique.Text();

            var answers = await races.ConcurrentlyAsync(
                50,
                user,
                (it, _) => it.Api.PostAsync(Purchases, it.PurchaseAt(shop.Merchant, 10), key)
            );

            IdempotencyRace.ExpectOneEffectAndRefusals(answers);
            Assert.Equal(new Balances($"{round}.00", "0.00"), await user.WalletAsync());
        });
    }

    [Fact]
    public async Task Of_40_confirmations_one_moves_the_money()
    {
        var user = await races.UserAsync();
        var shop = await races.Admin.OpenShopAsync(10);

        await races.RepeatAsync(async round =>
        {
            var purchase = await user.BuyAsync(shop, 50);

            var answers = await races.ConcurrentlyAsync(40, races.Admin, (it, _) => it.Api.ConfirmAsync(purchase));

            answers.Expect(1, 200, 400, "PURCHASE_NOT_PENDING");
            Assert.Equal(new Balances("0.00", $"{round * 5}.00"), await user.WalletAsync());
        });
    }

    [Fact]
    public async Task Of_40_reversals_one_takes_the_money_back()
    {
        var user = await races.UserAsync();
        var shop = await races.Admin.OpenShopAsync(10);

        await races.RepeatAsync(async round =>
        {
            var purchase = await user.BuyAsync(shop, 50);
            if (round % 2 == 0)
            {
                (await races.Admin.Api.ConfirmAsync(purchase)).Expect(200);
            }

            var answers = await races.ConcurrentlyAsync(40, races.Admin, (it, _) => it.Api.ReverseAsync(purchase));

            answers.Expect(1, 200, 400, "PURCHASE_ALREADY_REVERSED");
            Assert.Equal(new Balances("0.00", "0.00"), await user.WalletAsync());
        });
    }

    [Fact]
    public async Task A_purchase_is_confirmed_and_reversed_once_at_most_however_many_try()
    {
        var user = await races.UserAsync();
        var shop = await races.Admin.OpenShopAsync(10);

        await races.RepeatAsync(async _ =>
        {
            var purchase = await user.BuyAsync(shop, 50);

            var answers = await races.ConcurrentlyAsync(
                40,
                races.Admin,
                (it, i) => i / 2 % 2 == 0 ? it.Api.ConfirmAsync(purchase) : it.Api.ReverseAsync(purchase)
            );

            var done = answers.Where(it => it.Status == 200).Select(it => it["status"].GetString()!).ToList();
            Assert.Single(done, it => it == "reversed"); // sooner or later one of the reversals wins
            Assert.InRange(done.Count(it => it == "confirmed"), 0, 1);
            Assert.All(
                answers.Where(it => it.Status != 200),
                it => Assert.True(it.Status == 400 && it.Code is "PURCHASE_NOT_PENDING" or "PURCHASE_ALREADY_REVERSED")
            );
            Assert.Equal(new Balances("0.00", "0.00"), await user.WalletAsync());
        });
    }

    [Fact]
    public async Task The_jobs_of_both_processes_and_an_administrator_resolve_a_purchase_once_between_them()
    {
        var user = await races.UserAsync();
        var shop = await races.Admin.OpenShopAsync(10);
        await races.ConfirmAutomaticallyAsync("user", user.Id, true);
        await races.ConfirmAutomaticallyAsync("merchant", shop.Merchant, true);

        await races.RepeatAsync(async _ =>
        {
            var answers = await races.ConcurrentlyAsync(
                10,
                user,
                async (it, _) =>
                {
                    var purchase = await it.BuyAsync(shop, 50); // wakes the job of that process
                    return await races.Admin.At(it.Api).Api.ReverseAsync(purchase); // possible before and after it
                }
            );

            Assert.All(answers, it => it.Expect(200));
            Assert.Equal(new Balances("0.00", "0.00"), await user.WalletAsync());
        });
    }

    [Fact]
    public async Task A_monthly_cap_is_used_up_to_the_cent_and_never_exceeded()
    {
        var user = await races.UserAsync();

        await races.RepeatAsync(async round =>
        {
            var shop = await races.Admin.OpenShopAsync(10, cap: 52.50m);

            var answers = await races.ConcurrentlyAsync(20, user, (it, _) => it.TryBuyAsync(shop, 50));

            Assert.Equal(
                [.. Enumerable.Repeat(0m, 9), 2.50m, .. Enumerable.Repeat(5m, 10)],
                answers
                    .Select(it =>
                        decimal.Parse(it.Expect(201)["cashback_amount"].GetString()!, CultureInfo.InvariantCulture)
                    )
                    .Order()
            );
            Assert.Equal(
                round * 52.50m,
                decimal.Parse((await user.WalletAsync()).Pending, CultureInfo.InvariantCulture)
            );
        });
    }

    [Fact]
    public async Task First_purchases_at_once_share_one_new_wallet()
    {
        var shop = await races.Admin.OpenShopAsync(10);

        await races.RepeatAsync(async _ =>
        {
            var user = await races.UserAsync();

            var answers = await races.ConcurrentlyAsync(10, user, (it, _) => it.TryBuyAsync(shop, 10));

            Assert.All(answers, it => it.Expect(201));
            Assert.Equal(new Balances("10.00", "0.00"), await user.WalletAsync());
        });
    }
}
