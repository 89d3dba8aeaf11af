using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration;

/// <summary>What many do at once happens as if one after the other. Two servers, as only the database may decide.</summary>
public sealed class RaceTests(Platform platform) : IClassFixture<Platform>, IAsyncLifetime
{
    private const int Rounds = 10;

    private ApiServer _second = null!;

    public async Task InitializeAsync() => _second = await ApiServer.StartAsync(platform.Database);

    public async Task DisposeAsync()
    {
        await _second.DisposeAsync();
        await platform.Database.InvariantsHoldAsync();
        Assert.Empty(platform.Server.ErrorLines);
    }

    [Fact]
    public async Task Of_50_equal_purchases_one_is_recorded()
    {
        var user = await platform.Server.UserAsync();
        var shop = await platform.Admin.OpenShopAsync(10);
        for (var round = 0; round < Rounds; round++)
        {
            var externalId = Unique.Text();

            var answers = await AtOnceAsync(50, user, person => person.TryBuyAsync(shop, 10, externalId));

            Assert.Single(answers, it => it.Status == 201);
            Assert.All(answers.Where(it => it.Status != 201), it => it.Expect(409, "DUPLICATE_PURCHASE"));
        }

        Assert.Equal(new Balances($"{Rounds}.00", "0.00"), await user.WalletAsync());
    }

    [Fact]
    public async Task Of_50_equal_purchases_of_different_people_one_is_recorded()
    {
        var people = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => platform.Server.UserAsync()));
        var shop = await platform.Admin.OpenShopAsync(10);
        for (var round = 0; round < Rounds; round++)
        {
            var externalId = Unique.Text();

            var answers = await Task.WhenAll(
                Enumerable.Range(0, 50).Select(i => people[i % 10].TryBuyAsync(shop, 10, externalId))
            );

            Assert.Single(answers, it => it.Status == 201);
            Assert.All(answers.Where(it => it.Status != 201), it => it.Expect(409, "DUPLICATE_PURCHASE"));
        }
    }

    [Fact]
    public async Task A_purchase_is_confirmed_once_and_reversed_once_however_many_try()
    {
        var user = await platform.Server.UserAsync();
        var shop = await platform.Admin.OpenShopAsync(10);
        for (var round = 0; round < Rounds; round++)
        {
            var purchase = await user.BuyAsync(shop, 50);
            var turn = 0;

            var answers = await AtOnceAsync(
                40,
                platform.Admin,
                admin =>
                    Interlocked.Increment(ref turn) % 2 == 0
                        ? admin.Api.ConfirmAsync(purchase)
                        : admin.Api.ReverseAsync(purchase)
            );

            var done = answers.Where(it => it.Status == 200).Select(it => it["status"].GetString()!).ToList();
            Assert.Single(done, it => it == "reversed"); // sooner or later one of the reversals wins
            Assert.InRange(done.Count(it => it == "confirmed"), 0, 1);
            Assert.All(
                answers.Where(it => it.Status != 200),
                it => Assert.True(it.Status == 400 && it.Code is "PURCHASE_NOT_PENDING" or "PURCHASE_ALREADY_REVERSED")
            );
            Assert.Equal(new Balances("0.00", "0.00"), await user.WalletAsync());
        }
    }

    [Fact]
    public async Task Of_40_confirmations_one_moves_the_money()
    {
        var user = await platform.Server.UserAsync();
        var shop = await platform.Admin.OpenShopAsync(10);
        for (var round = 1; round <= Rounds; round++)
        {
            var purchase = await user.BuyAsync(shop, 50);

            var answers = await AtOnceAsync(40, platform.Admin, admin => admin.Api.ConfirmAsync(purchase));

            Assert.Single(answers, it => it.Status == 200);
            Assert.All(answers.Where(it => it.Status != 200), it => it.Expect(400, "PURCHASE_NOT_PENDING"));
            Assert.Equal(new Balances("0.00", $"{round * 5}.00"), await user.WalletAsync());
        }
    }

    [Fact]
    public async Task The_job_and_an_administrator_resolve_a_purchase_once_between_them()
    {
        var user = await platform.Server.UserAsync();
        var shop = await platform.Admin.OpenShopAsync(10);
        for (var round = 0; round < Rounds; round++)
        {
            var purchase = await user.BuyAsync(shop, 50);

            var byJob = Task.WhenAll(platform.Server.VerifyAsync(), _second.VerifyAsync());
            var answer = await platform.Admin.Api.ReverseAsync(purchase); // possible before and after
            await byJob;

            answer.Expect(200);
            Assert.Equal("reversed", await user.StatusOfAsync(purchase));
            Assert.Equal(new Balances("0.00", "0.00"), await user.WalletAsync());
        }
    }

    [Fact]
    public async Task Of_20_offers_of_one_merchant_one_is_active()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var merchant = await platform.Admin.OpenMerchantAsync();

            var answers = await AtOnceAsync(
                20,
                platform.Admin,
                admin => admin.Api.PostAsync("/api/v1/offers/", Person.OfferOf(merchant))
            );

            Assert.Single(answers, it => it.Status == 201);
            Assert.All(answers.Where(it => it.Status != 201), it => it.Expect(409, "ACTIVE_OFFER_ALREADY_EXISTS"));
        }
    }

    [Fact]
    public async Task Of_10_offers_switched_on_at_once_one_is_active()
    {
        for (var round = 0; round < 5; round++)
        {
            var merchant = await platform.Admin.OpenMerchantAsync();
            var offers = new List<Guid>();
            for (var i = 0; i < 10; i++)
            {
                var made = await platform.Admin.Api.PostAsync("/api/v1/offers/", Person.OfferOf(merchant));
                offers.Add(made.Expect(201)["id"].GetGuid());
                await SetAsync(platform.Admin, offers[^1], "inactive");
            }

            var answers = await Task.WhenAll(offers.Select(it => SetAsync(platform.Admin, it, "active")));

            Assert.Single(answers, it => it.Status == 200);
            Assert.All(answers.Where(it => it.Status != 200), it => it.Expect(409, "ACTIVE_OFFER_ALREADY_EXISTS"));
        }

        static Task<Answer> SetAsync(Person admin, Guid offer, string status) =>
            admin.Api.PatchAsync($"/api/v1/offers/{offer}/status", new { status });
    }

    [Fact]
    public async Task Of_20_registrations_of_one_email_one_makes_an_account()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var email = $"{Unique.Text()}@clicknback.test";

            var answers = await Task.WhenAll(
                Enumerable
                    .Range(0, 20)
                    .Select(i =>
                        (i % 2 == 0 ? platform.Server : _second).Anonymous.RegisterAsync(email, Person.UsualPassword)
                    )
            );

            Assert.Single(answers, it => it.Status == 201);
            Assert.All(answers.Where(it => it.Status != 201), it => it.Expect(409, "EMAIL_ALREADY_REGISTERED"));
        }
    }

    [Fact]
    public async Task Of_20_merchants_of_one_name_one_is_made()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var body = new { name = Unique.Text(), default_cashback_percentage = 1 };

            var answers = await AtOnceAsync(
                20,
                platform.Admin,
                admin => admin.Api.PostAsync("/api/v1/merchants/", body)
            );

            Assert.Single(answers, it => it.Status == 201);
            Assert.All(answers.Where(it => it.Status != 201), it => it.Expect(409, "MERCHANT_NAME_ALREADY_EXISTS"));
        }
    }

    [Fact]
    public async Task First_purchases_at_once_share_one_new_wallet()
    {
        var shop = await platform.Admin.OpenShopAsync(10);
        for (var round = 0; round < Rounds; round++)
        {
            var user = await platform.Server.UserAsync();

            var answers = await AtOnceAsync(10, user, person => person.TryBuyAsync(shop, 10));

            Assert.All(answers, it => it.Expect(201));
            Assert.Equal(new Balances("10.00", "0.00"), await user.WalletAsync());
        }
    }

    // Every other one at the second server.
    private Task<Answer[]> AtOnceAsync(int times, Person person, Func<Person, Task<Answer>> act)
    {
        var elsewhere = person with { Api = _second.With(person.Api.AccessToken) };
        return Task.WhenAll(Enumerable.Range(0, times).Select(i => act(i % 2 == 0 ? person : elsewhere)));
    }
}
