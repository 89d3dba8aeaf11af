using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration.Races;

/// <summary>What there may be only one of is made once: accounts, sessions, merchants, offers, flags.</summary>
[Collection(RaceCollection.Name)]
[Trait("Category", "Repeated")]
public sealed class RecordRaceTests(RaceFixture races)
{
    [Fact]
    public async Task Of_20_registrations_of_one_email_one_makes_an_account()
    {
        await races.RepeatAsync(async _ =>
        {
            var email = $"{Unique.Text()}@clicknback.test";

            var answers = await races.ConcurrentlyAsync(
                20,
                races.Admin,
                (it, i) => it.Api.RegisterAsync(i / 2 % 2 == 0 ? email : email.ToUpperInvariant(), Person.UsualPassword)
            );

            answers.Expect(1, 201, 409, "EMAIL_ALREADY_REGISTERED");
        });
    }

    [Fact]
    public async Task Of_20_uses_of_a_refresh_token_one_succeeds()
    {
        var token = (await races.UserAsync()).RefreshToken;

        await races.RepeatAsync(async _ =>
        {
            var answers = await races.ConcurrentlyAsync(20, races.Admin, (it, _) => it.Api.RefreshAsync(token));

            answers.Expect(1, 200, 401, "TOKEN_REVOKED");
            token = answers.Single(it => it.Status == 200)["refresh_token"].GetString()!;
        });
    }

    [Fact]
    public async Task Of_20_merchants_of_one_name_one_is_made()
    {
        await races.RepeatAsync(async _ =>
        {
            var body = new { name = Unique.Text(), default_cashback_percentage = 1 };

            var answers = await races.ConcurrentlyAsync(
                20,
                races.Admin,
                (it, _) => it.Api.PostAsync("/api/v1/merchants/", body)
            );

            answers.Expect(1, 201, 409, "MERCHANT_NAME_ALREADY_EXISTS");
        });
    }

    [Fact]
    public async Task Of_20_offers_of_one_merchant_one_is_active()
    {
        await races.RepeatAsync(async _ =>
        {
            var merchant = await races.Admin.OpenMerchantAsync();

            var answers = await races.ConcurrentlyAsync(
                20,
                races.Admin,
                (it, _) => it.Api.PostAsync("/api/v1/offers/", Person.OfferOf(merchant))
            );

            answers.Expect(1, 201, 409, "ACTIVE_OFFER_ALREADY_EXISTS");
        });
    }

    [Fact]
    public async Task Of_10_offers_switched_on_at_once_one_is_active()
    {
        var merchant = await races.Admin.OpenMerchantAsync();
        var offers = new List<Guid>();
        for (var i = 0; i < 10; i++)
        {
            var made = await races.Admin.Api.PostAsync("/api/v1/offers/", Person.OfferOf(merchant));
            offers.Add(made.Expect(201)["id"].GetGuid());
            await SetAsync(races.Admin, offers[^1], "inactive");
        }

        await races.RepeatAsync(async _ =>
        {
            var answers = await races.ConcurrentlyAsync(10, races.Admin, (it, i) => SetAsync(it, offers[i], "active"));

            answers.Expect(1, 200, 409, "ACTIVE_OFFER_ALREADY_EXISTS");
            await SetAsync(races.Admin, answers.Single(it => it.Status == 200)["id"].GetGuid(), "inactive");
        });

        static Task<Answer> SetAsync(Person admin, Guid offer, string status) =>
            admin.Api.PatchAsync($"/api/v1/offers/{offer}/status", new { status });
    }

    [Theory]
    [InlineData("global")]
    [InlineData("user")]
    public async Task Of_20_settings_of_a_new_flag_all_succeed_and_one_record_stays(string scope)
    {
        await races.RepeatAsync(async _ =>
        {
            var key = $"race_{Guid.CreateVersion7():N}";
            Guid? id = scope == "global" ? null : Guid.CreateVersion7();

            var answers = await races.ConcurrentlyAsync(
                20,
                races.Admin,
                (it, i) =>
                    it.Api.PutAsync(
                        $"/api/v1/feature-flags/{key}",
                        new
                        {
                            enabled = i / 2 % 2 == 0,
                            scope_type = scope,
                            scope_id = id,
                        }
                    )
            );

            Assert.Single(answers.Select(it => it.Expect(200)["id"].GetGuid()).Distinct());
            var stored = await races.Admin.Api.GetAsync($"/api/v1/feature-flags?key={key}");
            Assert.Equal(1, stored["pagination.total"].GetInt32());
        });
    }

    [Fact]
    public async Task An_offer_that_is_switched_off_is_gone_from_both_processes_whatever_they_read_meanwhile()
    {
        var offer = (await races.Admin.OpenShopAsync()).Offer;
        await races.RepeatAsync(async _ =>
        {
            await SwitchWhileReadingAsync("inactive");
            Assert.All(await ReadAsync(6), it => Assert.DoesNotContain(offer, it));

            await SwitchWhileReadingAsync("active");
            Assert.All(await ReadAsync(6), it => Assert.Contains(offer, it));
        });

        async Task SwitchWhileReadingAsync(string status)
        {
            var reading = ReadAsync(20);
            (await races.Admin.Api.PatchAsync($"/api/v1/offers/{offer}/status", new { status })).Expect(200);
            await reading;
        }

        async Task<IEnumerable<IEnumerable<Guid>>> ReadAsync(int times)
        {
            var answers = await races.ConcurrentlyAsync(
                times,
                races.Admin,
                (it, _) => it.Api.GetAsync("/api/v1/offers/active?limit=100")
            );
            return answers.Select(it =>
                it.Expect(200)["data"].EnumerateArray().Select(item => item.GetProperty("id").GetGuid())
            );
        }
    }
}
