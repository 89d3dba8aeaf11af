using System.Text.Json;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration;

public sealed class PurchaseListTests(Platform platform) : IClassFixture<Platform>
{
    private const string Purchases = "/api/v1/purchases/";
    private const string Mine = "/api/v1/users/me/purchases";

    [Fact]
    public async Task A_buyer_sees_a_purchase_with_its_cashback()
    {
        var user = await platform.Server.UserAsync();
        var purchase = await user.BuyAsync(await platform.Admin.OpenShopAsync(5), 100.5m);

        var answer = await user.Api.GetAsync($"{Purchases}{purchase}");

        answer.Expect(200);
        Assert.Equal(
            ["id", "merchant_name", "amount", "status", "cashback_amount", "cashback_status", "created_at"],
            answer.Json.EnumerateObject().Select(it => it.Name)
        );
        Assert.Equal("100.50", answer["amount"].GetString());
        Assert.Equal("5.02", answer["cashback_amount"].GetString());
        Assert.Equal("pending", answer["cashback_status"].GetString());
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", answer["created_at"].GetString());
    }

    [Fact]
    public async Task Nobody_sees_another_ones_purchase_not_even_an_administrator()
    {
        var user = await platform.Server.UserAsync();
        var stranger = await platform.Server.UserAsync();
        var purchase = await user.BuyAsync(await platform.Admin.OpenShopAsync(), 10);

        foreach (var other in new[] { stranger, platform.Admin })
        {
            var answer = await other.Api.GetAsync($"{Purchases}{purchase}");

            answer.Expect(403, "FORBIDDEN");
            Assert.Equal(purchase, answer["error.details.purchase_id"].GetGuid());
            Assert.Equal(other.Id, answer["error.details.current_user"].GetGuid());
        }
    }

    [Theory]
    [InlineData("00000000-0000-0000-0000-00000000dead")]
    [InlineData("invalid")]
    public async Task An_unknown_purchase_is_not_found(string id)
    {
        Answer[] answers =
        [
            await platform.Admin.Api.GetAsync($"{Purchases}{id}"),
            await platform.Admin.Api.PostAsync($"{Purchases}{id}/confirmation"),
            await platform.Admin.Api.PatchAsync($"{Purchases}{id}/reverse"),
        ];

        foreach (var answer in answers)
        {
            answer.Expect(404, "NOT_FOUND");
            Assert.Equal("purchase", answer["error.details.resource_type"].GetString());
            Assert.Equal(id, answer["error.details.resource_id"].GetString());
            Assert.Contains(id, answer["error.message"].GetString());
        }
    }

    [Fact]
    public async Task A_buyers_list_is_newest_first_and_ends_where_it_ends()
    {
        var user = await platform.Server.UserAsync();
        var shop = await platform.Admin.OpenShopAsync();
        var bought = new List<Guid>();
        for (var i = 0; i < 12; i++)
        {
            bought.Insert(0, await user.BuyAsync(shop, 10));
        }

        var first = await user.Api.GetAsync(Mine);
        var second = await user.Api.GetAsync(Mine + "?offset=10&limit=10");
        var beyond = await user.Api.GetAsync(Mine + "?offset=50");

        Assert.Equal(bought[..10], IdsOf(first));
        Assert.Equal(bought[10..], IdsOf(second));
        Assert.Empty(IdsOf(beyond));
        Assert.Equal("""{"offset":0,"limit":10,"total":12}""", first["pagination"].GetRawText());
        Assert.Equal("""{"offset":50,"limit":10,"total":12}""", beyond["pagination"].GetRawText());
    }

    [Fact]
    public async Task A_buyers_list_holds_nobody_elses_purchases()
    {
        var user = await platform.Server.UserAsync();
        var shop = await platform.Admin.OpenShopAsync();
        await (await platform.Server.UserAsync()).BuyAsync(shop, 10);
        var own = await user.BuyAsync(shop, 10);

        Assert.Equal([own], IdsOf(await user.Api.GetAsync(Mine)));
    }

    [Fact]
    public async Task A_list_filters_by_any_status()
    {
        var user = await platform.Server.UserAsync();
        var shop = await platform.Admin.OpenShopAsync();
        var pending = await user.BuyAsync(shop, 10);
        var confirmed = await user.BuyAsync(shop, 10);
        var reversed = await user.BuyAsync(shop, 10);
        (await platform.Admin.Api.ConfirmAsync(confirmed)).Expect(200);
        (await platform.Admin.Api.ReverseAsync(reversed)).Expect(200);

        Assert.Equal([pending], IdsOf(await user.Api.GetAsync(Mine + "?status=pending")));
        Assert.Equal([confirmed], IdsOf(await user.Api.GetAsync(Mine + "?status=confirmed")));
        Assert.Equal([reversed], IdsOf(await user.Api.GetAsync(Mine + "?status=reversed")));
        Assert.Empty(IdsOf(await user.Api.GetAsync(Mine + "?status=rejected")));
        var admins = await platform.Admin.Api.GetAsync($"{Purchases}?user_id={user.Id}&status=reversed");
        Assert.Equal([reversed], IdsOf(admins));
    }

    [Theory]
    [InlineData("gone")]
    [InlineData("Pending")]
    [InlineData("")]
    public async Task An_unknown_status_is_refused_by_name(string status)
    {
        foreach (var path in new[] { Mine, Purchases })
        {
            var answer = await platform.Admin.Api.GetAsync($"{path}?status={status}");

            answer.Expect(422, "INVALID_PURCHASE_STATUS");
            Assert.Equal("{}", answer.Details.GetRawText());
            Assert.Contains($"'{status}'", answer["error.message"].GetString());
        }
    }

    [Fact]
    public async Task Administrators_list_everybodys_purchases_with_all_facts()
    {
        var user = await platform.Server.UserAsync();
        var shop = await platform.Admin.OpenShopAsync();
        var externalId = Unique.Text();
        var purchase = await user.BuyAsync(shop, 10, externalId);

        var answer = await platform.Admin.Api.GetAsync($"{Purchases}?merchant_id={shop.Merchant}&user_id={user.Id}");

        var row = Assert.Single(answer.Expect(200)["data"].EnumerateArray());
        var created = row.GetProperty("created_at").GetString()!;
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", created);
        Assert.Equal(
            $$"""{"id":"{{purchase}}","external_id":"{{externalId}}","user_id":"{{user.Id}}","merchant_id":"{{shop.Merchant}}","offer_id":"{{shop.Offer}}","amount":"10.00","currency":"EUR","status":"pending","created_at":"{{created}}"}""",
            row.GetRawText()
        );
    }

    [Theory]
    [InlineData("user_id=invalid")]
    [InlineData("merchant_id=invalid")]
    [InlineData("user_id=00000000-0000-0000-0000-00000000dead")]
    public async Task Identifiers_that_match_nothing_give_an_empty_page(string query)
    {
        await platform.Admin.BuyAsync(await platform.Admin.OpenShopAsync(), 10);

        var answer = await platform.Admin.Api.GetAsync($"{Purchases}?{query}");

        Assert.Equal(0, answer.Expect(200)["pagination.total"].GetInt32());
    }

    [Fact]
    public async Task Both_days_of_a_range_count()
    {
        var user = await platform.Server.UserAsync();
        var purchase = await user.BuyAsync(await platform.Admin.OpenShopAsync(), 10);
        var created = (await user.Api.GetAsync($"{Purchases}{purchase}"))["created_at"].GetDateTimeOffset();
        var day = DateOnly.FromDateTime(created.UtcDateTime);

        async Task<List<Guid>> Between(DateOnly first, DateOnly last) =>
            IdsOf(
                await platform.Admin.Api.GetAsync(
                    $"{Purchases}?user_id={user.Id}&start_date={first:O}&end_date={last:O}"
                )
            );

        Assert.Equal([purchase], await Between(day, day));
        Assert.Equal([purchase], await Between(DateOnly.MinValue, DateOnly.MaxValue));
        Assert.Empty(await Between(day.AddDays(1), day.AddDays(1)));
        Assert.Empty(await Between(day.AddDays(-1), day.AddDays(-1)));
    }

    private static List<Guid> IdsOf(Answer answer) =>
        [.. answer.Expect(200)["data"].EnumerateArray().Select((JsonElement it) => it.GetProperty("id").GetGuid())];
}
