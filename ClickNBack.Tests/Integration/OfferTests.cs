using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration;

public sealed class OfferTests(Platform platform) : IClassFixture<Platform>
{
    private const string Offers = "/api/v1/offers/";

    private ApiClient Admin => platform.Admin.Api;

    private static string Day(int fromToday) => Person.Today.AddDays(fromToday).ToString("O");

    [Fact]
    public async Task A_new_offer_is_active()
    {
        var merchant = await platform.Admin.OpenMerchantAsync();

        var answer = await Admin.PostAsync(Offers, Person.OfferOf(merchant, 7.25m, "percent", 50));

        answer.Expect(201);
        Assert.Equal(
            [
                "id",
                "merchant_id",
                "cashback_type",
                "cashback_value",
                "start_date",
                "end_date",
                "monthly_cap_per_user",
                "status",
            ],
            answer.Json.EnumerateObject().Select(it => it.Name)
        );
        Assert.Equal(merchant, answer["merchant_id"].GetGuid());
        Assert.Equal("percent", answer["cashback_type"].GetString());
        Assert.Equal(7.25m, answer["cashback_value"].GetDecimal());
        Assert.Equal(Day(0), answer["start_date"].GetString());
        Assert.Equal(50m, answer["monthly_cap_per_user"].GetDecimal());
        Assert.Equal("active", answer["status"].GetString());
    }

    public static readonly TheoryData<string, object, string> InvalidValues = new()
    {
        { "cashback_value", 0, "cashback_value" },
        { "cashback_value", -1, "cashback_value" },
        { "cashback_value", 20.01, "cashback_value" },
        { "start_date", Day(-1), "start_date" },
        { "end_date", Day(-1), "end_date" },
        { "monthly_cap", 0, "monthly_cap" },
        { "monthly_cap", -5, "monthly_cap" },
        { "monthly_cap", "10000000000", "monthly_cap" },
    };

    [Theory]
    [MemberData(nameof(InvalidValues))]
    public async Task An_invalid_offer_is_refused_before_the_merchant_is_looked_up(
        string field,
        object value,
        string violation
    )
    {
        var offer = Person.OfferOf(Guid.Empty);
        offer[field] = value;

        var answer = await Admin.PostAsync(Offers, offer);

        answer.Expect(400, "VALIDATION_ERROR");
        Assert.Equal(violation, answer["error.details.violations.0.field"].GetString());
        Assert.Equal(1, answer["error.details.violations"].GetArrayLength());
    }

    [Theory]
    [InlineData("monthly_cap", "NaN")]
    [InlineData("monthly_cap", "Infinity")]
    [InlineData("cashback_value", "1e400")]
    [InlineData("cashback_type", "gift")]
    [InlineData("merchant_id", "invalid")]
    [InlineData("start_date", "soon")]
    [InlineData("end_date", "2026-13-01")]
    [InlineData("end_date", null)]
    public async Task A_malformed_offer_is_refused_by_its_field(string field, string? value)
    {
        var offer = Person.OfferOf(Guid.Empty);
        offer[field] = value;

        var answer = await Admin.PostAsync(Offers, offer);

        answer.Expect(422, "VALIDATION_ERROR");
        Assert.Equal(field, answer["error.details.violations.0.field"].GetString());
    }

    [Fact]
    public async Task A_fixed_amount_may_exceed_the_largest_percentage_and_one_day_is_enough()
    {
        var offer = Person.OfferOf(await platform.Admin.OpenMerchantAsync(), 25, "fixed");
        offer["end_date"] = offer["start_date"];

        (await Admin.PostAsync(Offers, offer)).Expect(201);
    }

    [Fact]
    public async Task An_offer_may_last_to_the_end_of_time_and_dates_may_be_midnights()
    {
        var offer = Person.OfferOf(await platform.Admin.OpenMerchantAsync());
        offer["start_date"] = $"{Day(0)}T00:00:00Z";
        offer["end_date"] = "9999-12-31";

        var answer = await Admin.PostAsync(Offers, offer);

        Assert.Equal("9999-12-31", answer.Expect(201)["end_date"].GetString());
    }

    [Fact]
    public async Task An_unknown_merchant_has_no_offers()
    {
        var answer = await Admin.PostAsync(Offers, Person.OfferOf(Guid.Empty));

        answer.Expect(404, "NOT_FOUND");
        Assert.Equal("merchant", answer["error.details.resource_type"].GetString());
    }

    [Fact]
    public async Task A_merchant_that_is_switched_off_takes_no_offers()
    {
        var merchant = await platform.Admin.OpenMerchantAsync(active: false);

        var answer = await Admin.PostAsync(Offers, Person.OfferOf(merchant));

        answer.Expect(422, "MERCHANT_NOT_ACTIVE");
        Assert.Equal(merchant, answer["error.details.merchant_id"].GetGuid());
    }

    [Fact]
    public async Task A_merchant_has_one_active_offer_whatever_its_dates()
    {
        var merchant = await platform.Admin.OpenMerchantAsync();
        var future = Person.OfferOf(merchant);
        future["start_date"] = Day(10);
        (await Admin.PostAsync(Offers, future)).Expect(201);

        var answer = await Admin.PostAsync(Offers, Person.OfferOf(merchant));

        answer.Expect(409, "ACTIVE_OFFER_ALREADY_EXISTS");
        Assert.Equal(merchant, answer["error.details.merchant_id"].GetGuid());
        Assert.NotEmpty(answer["error.details.action"].GetString()!);
    }

    [Fact]
    public async Task An_offer_is_not_switched_on_beside_another()
    {
        var shop = await platform.Admin.OpenShopAsync();
        await SetStatusAsync(shop.Offer, "inactive");
        (await Admin.PostAsync(Offers, Person.OfferOf(shop.Merchant))).Expect(201);

        var answer = await Admin.PatchAsync($"{Offers}{shop.Offer}/status", new { status = "active" });

        answer.Expect(409, "ACTIVE_OFFER_ALREADY_EXISTS");
    }

    [Fact]
    public async Task Setting_a_status_twice_changes_and_audits_it_once()
    {
        var shop = await platform.Admin.OpenShopAsync();

        await SetStatusAsync(shop.Offer, "inactive");
        await SetStatusAsync(shop.Offer, "inactive");

        Assert.Equal(
            ["OFFER_ACTIVATED", "OFFER_DEACTIVATED"],
            await platform.Database.RowsAsync(
                "SELECT action FROM audit_logs WHERE resource_id = $1 ORDER BY occurred_at",
                shop.Offer
            )
        );
    }

    [Theory]
    [InlineData("PATCH", "/status")]
    [InlineData("GET", "")]
    public async Task An_unknown_offer_is_not_found(string method, string suffix)
    {
        foreach (var id in new[] { "00000000-0000-0000-0000-00000000dead", "invalid" })
        {
            var answer = await Admin.SendTextAsync(
                new HttpMethod(method),
                $"{Offers}{id}{suffix}",
                """{"status":"active"}"""
            );

            answer.Expect(404, "NOT_FOUND");
            Assert.Equal("offer", answer["error.details.resource_type"].GetString());
            Assert.Equal(id, answer["error.details.resource_id"].GetString());
        }
    }

    [Fact]
    public async Task Only_offers_in_force_today_of_active_merchants_are_active()
    {
        var inForce = await platform.Admin.OpenShopAsync();
        var switchedOff = await platform.Admin.OpenShopAsync();
        await SetStatusAsync(switchedOff.Offer, "inactive");
        var closed = await platform.Admin.OpenShopAsync();
        await SetMerchantAsync(closed.Merchant, "inactive");
        var future = await platform.Admin.OpenShopAsync();
        var past = await platform.Admin.OpenShopAsync();
        await MoveAsync(future.Offer, 1, 10);
        await MoveAsync(past.Offer, -10, -1);
        var lastDay = await platform.Admin.OpenShopAsync();
        await MoveAsync(lastDay.Offer, -10, 0);

        var active = await AllIdsAsync(Offers + "active");

        Assert.Contains(inForce.Offer, active);
        Assert.Contains(lastDay.Offer, active);
        Assert.All([switchedOff, closed, future, past], it => Assert.DoesNotContain(it.Offer, active));
    }

    [Fact]
    public async Task The_list_filters_by_status_merchant_and_overlapping_dates()
    {
        var shop = await platform.Admin.OpenShopAsync();
        await MoveAsync(shop.Offer, 10, 20);
        var mine = $"?merchant_id={shop.Merchant}";

        Assert.Equal([shop.Offer], await AllIdsAsync(Offers + mine));
        Assert.Equal([shop.Offer], await AllIdsAsync(Offers + mine + "&status=active"));
        Assert.Empty(await AllIdsAsync(Offers + mine + "&status=inactive"));
        Assert.Equal([shop.Offer], await AllIdsAsync(Offers + mine + $"&date_from={Day(20)}&date_to={Day(30)}"));
        Assert.Equal([shop.Offer], await AllIdsAsync(Offers + mine + $"&date_to={Day(10)}"));
        Assert.Empty(await AllIdsAsync(Offers + mine + $"&date_from={Day(21)}"));
        Assert.Empty(await AllIdsAsync(Offers + mine + $"&date_to={Day(9)}"));
    }

    [Fact]
    public async Task Invalid_filters_are_refused_all_at_once()
    {
        var answer = await Admin.GetAsync(Offers + "?status=gone&date_from=2026-02-01&date_to=2026-01-01");

        answer.Expect(400, "VALIDATION_ERROR");
        Assert.Equal(
            ["status", "date_from"],
            answer["error.details.violations"].EnumerateArray().Select(it => it.GetProperty("field").GetString())
        );
    }

    [Theory]
    [InlineData("merchant_id=invalid", "merchant_id")]
    [InlineData("date_from=soon", "date_from")]
    public async Task Malformed_filters_are_refused(string query, string field)
    {
        var answer = await Admin.GetAsync($"{Offers}?{query}");

        answer.Expect(422, "VALIDATION_ERROR");
        Assert.Equal(field, answer["error.details.violations.0.field"].GetString());
    }

    [Fact]
    public async Task Users_see_offers_in_use_and_administrators_see_all()
    {
        var user = await platform.Server.UserAsync();
        var shop = await platform.Admin.OpenShopAsync();

        var visible = await user.Api.GetAsync($"{Offers}{shop.Offer}");
        await SetStatusAsync(shop.Offer, "inactive");
        var hidden = await user.Api.GetAsync($"{Offers}{shop.Offer}");
        var seen = await Admin.GetAsync($"{Offers}{shop.Offer}");

        Assert.Equal(
            [
                "id",
                "merchant_name",
                "cashback_type",
                "cashback_value",
                "monthly_cap",
                "start_date",
                "end_date",
                "status",
            ],
            visible.Expect(200).Json.EnumerateObject().Select(it => it.Name)
        );
        hidden.Expect(403, "FORBIDDEN");
        Assert.Equal(
            ["resource_type", "resource_id", "reason"],
            hidden.Details.EnumerateObject().Select(it => it.Name)
        );
        Assert.Equal("inactive", seen.Expect(200)["status"].GetString());
    }

    [Fact]
    public async Task An_offer_of_a_closed_merchant_is_hidden_from_users()
    {
        var user = await platform.Server.UserAsync();
        var shop = await platform.Admin.OpenShopAsync();
        await SetMerchantAsync(shop.Merchant, "inactive");

        (await user.Api.GetAsync($"{Offers}{shop.Offer}")).Expect(403, "FORBIDDEN");
    }

    private async Task<List<Guid>> AllIdsAsync(string path)
    {
        var answer = await Admin.GetAsync($"{path}{(path.Contains('?') ? '&' : '?')}limit=100");
        return [.. answer.Expect(200)["data"].EnumerateArray().Select(it => it.GetProperty("id").GetGuid())];
    }

    private async Task SetStatusAsync(Guid offer, string status) =>
        (await Admin.PatchAsync($"{Offers}{offer}/status", new { status })).Expect(200);

    private async Task SetMerchantAsync(Guid merchant, string status) =>
        (await Admin.PatchAsync($"/api/v1/merchants/{merchant}/status", new { status })).Expect(200);

    // Time cannot pass in a test, but dates can move.
    private Task MoveAsync(Guid offer, int first, int last) =>
        platform.Database.ExecuteAsync(
            "UPDATE offers SET start_date = $2, end_date = $3 WHERE id = $1",
            offer,
            Person.Today.AddDays(first),
            Person.Today.AddDays(last)
        );
}
