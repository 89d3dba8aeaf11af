using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration;

public sealed class IngestionTests(Platform platform) : IClassFixture<Platform>
{
    private const string Purchases = "/api/v1/purchases/";

    [Fact]
    public async Task A_purchase_is_recorded_as_pending_with_its_cashback()
    {
        var user = await platform.Server.UserAsync();
        var shop = await platform.Admin.OpenShopAsync(5);

        var answer = await user.TryBuyAsync(shop, 100.40m);

        answer.Expect(201);
        Assert.Equal(["id", "status", "cashback_amount"], answer.Json.EnumerateObject().Select(it => it.Name));
        Assert.Equal("pending", answer["status"].GetString());
        Assert.Equal("5.02", answer["cashback_amount"].GetString());
        Assert.Equal(new Balances("5.02", "0.00"), await user.WalletAsync());
        await platform.Database.InvariantsHoldAsync();
    }

    [Fact]
    public async Task Its_cashback_is_audited_as_the_users()
    {
        var user = await platform.Server.UserAsync();

        await user.BuyAsync(await platform.Admin.OpenShopAsync(), 10);

        Assert.Equal(
            [$"CASHBACK_CREDITED user {user.Id} wallet success"],
            await platform.Database.RowsAsync(
                "SELECT action, actor_type, actor_id, resource_type, outcome FROM audit_logs WHERE resource_id = $1",
                user.Id
            )
        );
    }

    [Theory]
    [InlineData("\"100.50\"")]
    [InlineData("100.50")]
    [InlineData("1.005e2")]
    [InlineData("\"100.5\"")]
    public async Task An_amount_is_a_number_or_a_text(string amount)
    {
        var user = await platform.Server.UserAsync();
        var shop = await platform.Admin.OpenShopAsync(5);
        var body =
            $$"""{"external_id":"{{Unique.Text()}}","user_id":"{{user.Id}}","merchant_id":"{{shop.Merchant}}","amount":{{amount}},"currency":"eur"}""";

        var answer = await user.Api.SendTextAsync(HttpMethod.Post, Purchases, body);

        Assert.Equal("5.02", answer.Expect(201)["cashback_amount"].GetString());
    }

    [Fact]
    public async Task Fields_the_contract_does_not_know_have_no_effect()
    {
        var user = await platform.Server.UserAsync();
        var shop = await platform.Admin.OpenShopAsync(5);
        var body = user.PurchaseAt(shop.Merchant, 10);
        body["status"] = "confirmed";
        body["cashback_amount"] = "1000.00";
        body["id"] = Guid.Empty;

        var answer = await user.Api.PostAsync(Purchases, body);

        Assert.Equal("pending", answer.Expect(201)["status"].GetString());
        Assert.Equal("0.50", answer["cashback_amount"].GetString());
    }

    public static readonly TheoryData<string, object?> Malformed = new()
    {
        { "external_id", null },
        { "external_id", "" },
        { "external_id", 5 },
        { "external_id", "a\0b" },
        { "external_id", new string('x', 256) },
        { "user_id", "invalid" },
        { "user_id", null },
        { "merchant_id", "{00000000-0000-0000-0000-000000000001}" },
        { "amount", 0 },
        { "amount", -5 },
        { "amount", 1.005m },
        { "amount", "1.001" },
        { "amount", "10000000000" },
        { "amount", "1e999999" },
        { "amount", "NaN" },
        { "amount", "Infinity" },
        { "amount", "" },
        { "amount", " 5 euro" },
        { "amount", true },
        { "amount", null },
        { "currency", "EU" },
        { "currency", "EURO" },
        { "currency", 978 },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task A_malformed_field_is_named(string field, object? value)
    {
        var body = platform.Admin.PurchaseAt(Guid.Empty, 10);
        body[field] = value;

        var answer = await platform.Admin.Api.PostAsync(Purchases, body);

        answer.Expect(422, "VALIDATION_ERROR");
        var violation = Assert.Single(answer.Details.GetProperty("violations").EnumerateArray());
        Assert.Equal(field, violation.GetProperty("field").GetString());
        Assert.NotEmpty(violation.GetProperty("reason").GetString()!);
    }

    [Fact]
    public async Task All_malformed_fields_are_named_at_once()
    {
        var answer = await platform.Admin.Api.PostAsync(Purchases, new { });

        answer.Expect(422, "VALIDATION_ERROR");
        Assert.Equal(
            ["external_id", "user_id", "merchant_id", "amount", "currency"],
            answer.Details.GetProperty("violations").EnumerateArray().Select(it => it.GetProperty("field").GetString())
        );
    }

    [Fact]
    public async Task Errors_are_found_in_the_contracts_order()
    {
        var user = await platform.Server.UserAsync();
        var stranger = await platform.Server.UserAsync();
        var shop = await platform.Admin.OpenShopAsync();
        var recorded = Unique.Text();
        await user.BuyAsync(shop, 10, recorded);

        // Everything is wrong; what is found is mended, one by one.
        var body = user.PurchaseAt(Guid.Empty, -1, recorded);
        body["user_id"] = stranger.Id;
        body["currency"] = "USD";
        async Task RefusedAsync(int status, string code, string mended, object value)
        {
            (await user.Api.PostAsync(Purchases, body)).Expect(status, code);
            body[mended] = value;
        }

        await RefusedAsync(422, "VALIDATION_ERROR", "amount", 10);
        await RefusedAsync(403, "FORBIDDEN", "user_id", user.Id);
        await RefusedAsync(409, "DUPLICATE_PURCHASE", "external_id", Unique.Text());
        await RefusedAsync(422, "UNSUPPORTED_CURRENCY", "currency", "EUR");
        await RefusedAsync(422, "MERCHANT_NOT_ELIGIBLE", "merchant_id", await platform.Admin.OpenMerchantAsync());
        await RefusedAsync(422, "OFFER_NOT_AVAILABLE", "merchant_id", shop.Merchant);
        (await user.Api.PostAsync(Purchases, body)).Expect(201);
    }

    [Fact]
    public async Task An_existing_and_an_unknown_other_user_get_the_same_answer()
    {
        var user = await platform.Server.UserAsync();
        var shop = await platform.Admin.OpenShopAsync();
        var body = user.PurchaseAt(shop.Merchant, 10);

        async Task<Answer> ForAsync(Guid owner)
        {
            body["user_id"] = owner;
            return await user.Api.PostAsync(Purchases, body);
        }

        var existing = await ForAsync(platform.Admin.Id);
        var unknown = await ForAsync(Guid.Empty);

        existing.Expect(403, "FORBIDDEN");
        unknown.Expect(403, "FORBIDDEN");
        Assert.Equal(existing["error.message"].GetString(), unknown["error.message"].GetString());
    }

    [Fact]
    public async Task The_owner_of_a_duplicate_learns_when_and_how_much()
    {
        var user = await platform.Server.UserAsync();
        var shop = await platform.Admin.OpenShopAsync();
        var externalId = Unique.Text();
        await user.BuyAsync(shop, 12.5m, externalId);

        var answer = await user.TryBuyAsync(shop, 99, externalId);

        answer.Expect(409, "DUPLICATE_PURCHASE");
        Assert.Equal(
            ["external_id", "previously_created_at", "previously_processed_amount", "action"],
            answer.Details.EnumerateObject().Select(it => it.Name)
        );
        Assert.Equal(externalId, answer["error.details.external_id"].GetString());
        Assert.Equal("12.50", answer["error.details.previously_processed_amount"].GetString());
    }

    [Fact]
    public async Task Somebody_else_learns_only_that_it_is_taken()
    {
        var user = await platform.Server.UserAsync();
        var stranger = await platform.Server.UserAsync();
        var shop = await platform.Admin.OpenShopAsync();
        var externalId = Unique.Text();
        await user.BuyAsync(shop, 12.5m, externalId);

        var answer = await stranger.TryBuyAsync(shop, 12.5m, externalId);

        answer.Expect(409, "DUPLICATE_PURCHASE");
        Assert.Equal(["external_id", "action"], answer.Details.EnumerateObject().Select(it => it.Name));
    }

    [Fact]
    public async Task A_reversed_purchase_still_blocks_its_external_id()
    {
        var user = await platform.Server.UserAsync();
        var shop = await platform.Admin.OpenShopAsync();
        var externalId = Unique.Text();
        var purchase = await user.BuyAsync(shop, 10, externalId);
        (await platform.Admin.Api.ReverseAsync(purchase)).Expect(200);

        (await user.TryBuyAsync(shop, 10, externalId)).Expect(409, "DUPLICATE_PURCHASE");
    }

    [Fact]
    public async Task An_unsupported_currency_is_named()
    {
        var body = platform.Admin.PurchaseAt(Guid.Empty, 10);
        body["currency"] = "USD";

        var answer = await platform.Admin.Api.PostAsync(Purchases, body);

        answer.Expect(422, "UNSUPPORTED_CURRENCY");
        Assert.Equal("USD", answer["error.details.currency"].GetString());
    }

    [Fact]
    public async Task A_merchant_that_is_switched_off_takes_no_purchases()
    {
        var user = await platform.Server.UserAsync();
        var shop = await platform.Admin.OpenShopAsync();
        var off = new { status = "inactive" };
        (await platform.Admin.Api.PatchAsync($"/api/v1/merchants/{shop.Merchant}/status", off)).Expect(200);

        var answer = await user.TryBuyAsync(shop, 10);

        answer.Expect(422, "MERCHANT_NOT_ELIGIBLE");
        Assert.Equal(shop.Merchant, answer["error.details.merchant_id"].GetGuid());
    }

    [Theory]
    [InlineData(1, 30)]
    [InlineData(-30, -1)]
    public async Task An_offer_earns_only_within_its_dates(int firstDay, int lastDay)
    {
        var user = await platform.Server.UserAsync();
        var shop = await platform.Admin.OpenShopAsync();
        await platform.Database.ExecuteAsync(
            "UPDATE offers SET start_date = $2, end_date = $3 WHERE id = $1",
            shop.Offer,
            Person.Today.AddDays(firstDay),
            Person.Today.AddDays(lastDay)
        );

        var answer = await user.TryBuyAsync(shop, 10);

        answer.Expect(422, "OFFER_NOT_AVAILABLE");
        Assert.Equal(shop.Merchant, answer["error.details.merchant_id"].GetGuid());
    }

    [Fact]
    public async Task A_refused_purchase_leaves_nothing_behind()
    {
        var before = await platform.Database.RowCountsAsync();

        (await platform.Admin.Api.PostAsync(Purchases, platform.Admin.PurchaseAt(Guid.Empty, 10))).Expect(422);

        Assert.Equal(before, await platform.Database.RowCountsAsync());
    }

    [Fact]
    public async Task The_largest_amount_is_recorded_to_the_cent()
    {
        var user = await platform.Server.UserAsync();
        var shop = await platform.Admin.OpenShopAsync(20, cap: 9_999_999_999.99m);

        var purchase = await user.BuyAsync(shop, 9_999_999_999.99m);

        var answer = await user.Api.GetAsync($"{Purchases}{purchase}");
        Assert.Equal("9999999999.99", answer["amount"].GetString());
        Assert.Equal("2000000000.00", answer["cashback_amount"].GetString());
        await platform.Database.InvariantsHoldAsync();
    }
}
