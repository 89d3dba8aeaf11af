using System.Globalization;
using System.Text.Json;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration;

/// <summary>What the iOS client sends and decodes, strictly (contract, section 8).</summary>
public sealed class MobileClientTests(Platform platform) : IClassFixture<Platform>
{
    [Fact]
    public async Task Login_and_refresh_answer_three_texts()
    {
        var user = await platform.Server.UserAsync();

        foreach (
            var answer in new[]
            {
                await platform.Server.Anonymous.LoginAsync(user.Email, Person.UsualPassword),
                await platform.Server.Anonymous.RefreshAsync(user.RefreshToken),
            }
        )
        {
            Assert.All(
                ["access_token", "refresh_token", "token_type"],
                name => Assert.Equal(JsonValueKind.String, answer.Expect(200)[name].ValueKind)
            );
        }
    }

    [Fact]
    public async Task Every_failure_of_a_login_is_a_4xx_and_of_a_refresh_a_401()
    {
        var anybody = platform.Server.Anonymous;
        var user = await platform.Server.UserAsync();
        (await anybody.RefreshAsync(user.RefreshToken)).Expect(200);

        Assert.InRange((await anybody.LoginAsync("nobody@clicknback.test", "x")).Status, 400, 499);
        Assert.Equal(401, (await anybody.RefreshAsync(user.RefreshToken)).Status);
        Assert.Equal(401, (await anybody.RefreshAsync("garbage")).Status);
    }

    [Fact]
    public async Task Active_offers_have_numbers_for_money_and_integers_for_pages()
    {
        var shop = await platform.Admin.OpenShopAsync(2.5m, "fixed", 10.5m);
        await platform.Admin.OpenShopAsync(5);
        var user = await platform.Server.UserAsync();

        var answer = await GetLikeThePhoneAsync(user, "/api/v1/offers/active?offset=0&limit=20");

        var offers = answer["data"].EnumerateArray().ToList();
        Assert.All(
            offers,
            offer =>
            {
                Assert.Equal(
                    ["id", "merchant_name", "cashback_type", "cashback_value", "monthly_cap", "start_date", "end_date"],
                    offer.EnumerateObject().Select(it => it.Name)
                );
                Assert.Equal(JsonValueKind.String, offer.GetProperty("merchant_name").ValueKind);
                Assert.Matches("^(percent|fixed)$", offer.GetProperty("cashback_type").GetString());
                Assert.Equal(JsonValueKind.Number, offer.GetProperty("cashback_value").ValueKind);
                Assert.Equal(JsonValueKind.Number, offer.GetProperty("monthly_cap").ValueKind);
                Assert.Matches(@"^\d{4}-\d\d-\d\d$", offer.GetProperty("start_date").GetString());
                Assert.Matches(@"^\d{4}-\d\d-\d\d$", offer.GetProperty("end_date").GetString());
            }
        );
        var mine = offers.Single(it => it.GetProperty("id").GetGuid() == shop.Offer);
        Assert.Equal("2.5", mine.GetProperty("cashback_value").GetRawText());
        Assert.Equal("10.5", mine.GetProperty("monthly_cap").GetRawText());
        Assert.All(
            ["pagination.offset", "pagination.limit", "pagination.total"],
            path => Assert.True(answer[path].TryGetInt32(out _))
        );
    }

    [Fact]
    public async Task Purchases_have_texts_for_money_and_an_instant_the_phone_can_read()
    {
        var user = await platform.Server.UserAsync();
        await user.BuyAsync(await platform.Admin.OpenShopAsync(), 19.9m);

        var answer = await GetLikeThePhoneAsync(user, "/api/v1/users/me/purchases?offset=0&limit=20");

        var purchase = answer["data.0"];
        Assert.Equal(
            ["id", "merchant_name", "amount", "status", "cashback_amount", "cashback_status", "created_at"],
            purchase.EnumerateObject().Select(it => it.Name)
        );
        Assert.All(purchase.EnumerateObject(), it => Assert.Equal(JsonValueKind.String, it.Value.ValueKind));
        Assert.Equal("19.90", purchase.GetProperty("amount").GetString());
        Assert.True(
            DateTimeOffset.TryParseExact(
                purchase.GetProperty("created_at").GetString(),
                "yyyy-MM-dd'T'HH:mm:ss'Z'",
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out var created
            )
        );
        Assert.InRange(TimeProvider.System.GetUtcNow() - created, TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Pages_by_the_number_of_items_held_give_every_offer_once()
    {
        var user = await platform.Server.UserAsync();
        for (var i = 0; i < 7; i++)
        {
            await platform.Admin.OpenShopAsync();
        }

        var held = new List<Guid>();
        int total;
        do
        {
            var page = await GetLikeThePhoneAsync(user, $"/api/v1/offers/active?offset={held.Count}&limit=3");
            held.AddRange(page["data"].EnumerateArray().Select(it => it.GetProperty("id").GetGuid()));
            total = page["pagination.total"].GetInt32();
        } while (held.Count < total);

        Assert.Equal(total, held.Distinct().Count());
    }

    // It says application/json even where there is no body.
    private static async Task<Answer> GetLikeThePhoneAsync(Person user, string path)
    {
        using var empty = new ByteArrayContent([]) { Headers = { ContentType = new("application/json") } };
        return (await user.Api.SendAsync(HttpMethod.Get, path, empty)).Expect(200);
    }
}
