namespace ClickNBack.Tests.Infrastructure;

/// <summary>A merchant with its offer.</summary>
public sealed record Shop(Guid Merchant, Guid Offer);

/// <summary>Balances, as the API writes them.</summary>
public sealed record Balances(string Pending, string Available, string Paid = "0.00", string Owed = "0.00");

/// <summary>Somebody with an account, logged in.</summary>
public sealed record Person(Guid Id, string Email, ApiClient Api, string RefreshToken)
{
    public const string UsualPassword = "Str0ng!Pass";

    /// <summary>Records a purchase of this person's; fails if it is refused.</summary>
    public async Task<Guid> BuyAsync(Shop shop, decimal amount, string? externalId = null) =>
        (await TryBuyAsync(shop, amount, externalId)).Expect(201)["id"].GetGuid();

    public Task<Answer> TryBuyAsync(Shop shop, decimal amount, string? externalId = null) =>
        Api.PostAsync("/api/v1/purchases/", PurchaseAt(shop.Merchant, amount, externalId));

    /// <summary>The body that records a purchase.</summary>
    public Dictionary<string, object?> PurchaseAt(Guid merchant, object amount, string? externalId = null) =>
        new()
        {
            ["external_id"] = externalId ?? Unique.Text(),
            ["user_id"] = Id,
            ["merchant_id"] = merchant,
            ["amount"] = amount,
            ["currency"] = "EUR",
        };

    public async Task<Balances> WalletAsync()
    {
        var wallet = (await Api.GetAsync("/api/v1/users/me/wallet")).Expect(200);
        return new(
            wallet["pending_balance"].GetString()!,
            wallet["available_balance"].GetString()!,
            wallet["paid_balance"].GetString()!,
            wallet["owed_balance"].GetString()!
        );
    }

    /// <summary>Asks for a payout of this person's available cashback; fails if it is refused.</summary>
    public async Task<Guid> WithdrawAsync(decimal amount)
    {
        var details = new { iban = "DE89370400440532013000", account_holder = "Somebody" };
        var body = new
        {
            amount,
            method = "bank_transfer",
            details,
        };
        return (await Api.PostAsync("/api/v1/users/me/payouts", body)).Expect(201)["id"].GetGuid();
    }

    /// <summary>The status of one of this person's purchases.</summary>
    public async Task<string?> StatusOfAsync(Guid purchase) =>
        (await Api.GetAsync($"/api/v1/purchases/{purchase}")).Expect(200)["status"].GetString();

    /// <summary>Makes a merchant with an offer in force today; only for administrators.</summary>
    public async Task<Shop> OpenShopAsync(decimal value = 5, string type = "percent", decimal cap = 1_000_000)
    {
        var merchant = await OpenMerchantAsync();
        var offer = (await Api.PostAsync("/api/v1/offers/", OfferOf(merchant, value, type, cap))).Expect(201);
        return new Shop(merchant, offer["id"].GetGuid());
    }

    public async Task<Guid> OpenMerchantAsync(bool active = true) => (
            await Api.PostAsync(
                "/api/v1/merchants/",
                new
                {
                    name = Unique.Text(),
                    default_cashback_percentage = 5,
                    active,
                }
            )
        ).Expect(201)["id"].GetGuid();

    /// <summary>The body that makes an offer, from the first to the last possible day unless said otherwise.</summary>
    public static Dictionary<string, object?> OfferOf(
        Guid merchant,
        object? value = null,
        string type = "percent",
        object? cap = null
    ) =>
        new()
        {
            ["merchant_id"] = merchant,
            ["cashback_type"] = type,
            ["cashback_value"] = value ?? 5,
            ["start_date"] = Today.AddDays(0).ToString("O"),
            ["end_date"] = Today.AddDays(30).ToString("O"),
            ["monthly_cap"] = cap ?? 1_000_000,
        };

    /// <summary>Today in UTC.</summary>
    public static DateOnly Today => DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
}
