using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration.Races;

/// <summary>Nothing is paid twice, and nobody withdraws more than there is.</summary>
[Collection(RaceCollection.Name)]
[Trait("Category", "Repeated")]
public sealed class PayoutRaceTests(RaceFixture races)
{
    private const string Payouts = "/api/v1/users/me/payouts";

    [Fact]
    public async Task Of_200_payouts_of_10_from_1000_exactly_100_are_accepted()
    {
        var user = await races.UserAsync();
        var shop = await races.Admin.OpenShopAsync(10);

        await races.RepeatAsync(async _ =>
        {
            await EarnAsync(user, shop, 1000);

            var answers = await races.ConcurrentlyAsync(200, user, (it, _) => it.TryWithdrawAsync(10));

            answers.Expect(100, 201, 409, "INSUFFICIENT_BALANCE");
            Assert.Equal(new Balances("0.00", "0.00"), await user.WalletAsync());
        });
    }

    [Fact]
    public async Task Of_50_equal_requests_with_one_idempotency_key_one_pays_and_all_get_its_answer()
    {
        var user = await races.UserAsync();
        var shop = await races.Admin.OpenShopAsync(10);
        await EarnAsync(user, shop, 1000);

        await races.RepeatAsync(async round =>
        {
            var key = Unique.Text();

            var answers = await races.ConcurrentlyAsync(
                50,
                user,
                (it, _) => it.Api.PostAsync(Payouts, Person.PayoutOf(10), key)
            );

            var replay = await user.Api.PostAsync(Payouts, Person.PayoutOf(10), key);
            IdempotencyRace.ExpectOneEffect(answers, replay);
            Assert.Equal(new Balances("0.00", $"{1000 - (10 * round)}.00"), await user.WalletAsync());
        });
    }

    [Fact]
    public async Task Of_50_different_requests_with_one_idempotency_key_one_pays()
    {
        var user = await races.UserAsync();
        var shop = await races.Admin.OpenShopAsync(10);
        await EarnAsync(user, shop, 10_000);

        await races.RepeatAsync(async round =>
        {
            var key = Unique.Text();
            var before = await PayoutsAsync();

            var answers = await races.ConcurrentlyAsync(
                50,
                user,
                (it, i) => it.Api.PostAsync(Payouts, Person.PayoutOf(10 + i), key)
            );

            IdempotencyRace.ExpectOneEffectAndRefusals(answers);
            Assert.Equal(before + 1, await PayoutsAsync());
        });

        async Task<int> PayoutsAsync() => (await user.Api.GetAsync(Payouts))["pagination.total"].GetInt32();
    }

    [Fact]
    public async Task Of_20_decisions_about_a_payout_one_counts()
    {
        var user = await races.UserAsync();
        var shop = await races.Admin.OpenShopAsync(10);
        var (available, paid) = (0, 0);

        await races.RepeatAsync(async _ =>
        {
            await EarnAsync(user, shop, 10);
            var payout = await user.WithdrawAsync(10);

            var answers = await races.ConcurrentlyAsync(
                20,
                races.Admin,
                (it, i) =>
                    it.Api.PatchAsync(
                        $"/api/v1/admin/payouts/{payout}/process",
                        new { status = i / 2 % 2 == 0 ? "completed" : "failed" }
                    )
            );

            var decision = Assert.Single(answers, it => it.Status == 200);
            Assert.All(answers.Where(it => it != decision), it => it.Expect(400, "INVALID_PAYOUT_TRANSITION"));
            var isPaid = decision["status"].GetString() == "completed";
            (available, paid) = isPaid ? (available, paid + 10) : (available + 10, paid);
            Assert.Equal(new Balances("0.00", $"{available}.00", $"{paid}.00"), await user.WalletAsync());
        });
    }

    [Fact]
    public async Task A_payout_and_the_reversal_of_what_it_takes_leave_money_or_debt_but_never_both()
    {
        var shop = await races.Admin.OpenShopAsync(10);
        var user = await races.UserAsync();

        await races.RepeatAsync(async _ =>
        {
            var purchase = await user.BuyAsync(shop, 100);
            (await races.Admin.Api.ConfirmAsync(purchase)).Expect(200);

            var answers = await races.ConcurrentlyAsync(
                2,
                user,
                (it, i) => i == 0 ? it.TryWithdrawAsync(10) : races.Admin.At(it.Api).Api.ReverseAsync(purchase)
            );

            answers[1].Expect(200);
            var wallet = await user.WalletAsync();
            Assert.Equal(answers[0].Status == 201 ? "10.00" : "0.00", wallet.Owed);
            Assert.Equal("0.00", wallet.Available);
            if (answers[0].Status == 201)
            {
                await EarnAsync(user, shop, 10); // pays the debt: the next round starts from nothing
            }

            Assert.Equal(new Balances("0.00", "0.00"), await user.WalletAsync());
        });
    }

    private async Task EarnAsync(Person user, Shop shop, decimal cashback) =>
        (await races.Admin.Api.ConfirmAsync(await user.BuyAsync(shop, cashback * 10))).Expect(200);
}
