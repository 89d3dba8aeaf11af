namespace ClickNBack.Tests.Infrastructure;

/// <summary>A merchant with its offer.</summary>
public sealed record Shop(Guid Merchant, Guid Offer)
{
    /// <summary>Opens one without the API, with an offer of 10 % that is in force at any time, whatever the API's clock says.</summary>
    public static async Task<Shop> OpenAsync(TestDatabase database)
    {
        var shop = new Shop(Guid.CreateVersion7(), Guid.CreateVersion7());
        await database.ExecuteAsync(
            "INSERT INTO merchants VALUES ($1, $2, 5, true, now())",
            shop.Merchant,
            Unique.Text()
        );
        await database.ExecuteAsync(
            "INSERT INTO offers VALUES ($1, $2, 'percent', 10, '2020-01-01', '2100-01-01', 1000000, true, now())",
            shop.Offer,
            shop.Merchant
        );
        return shop;
    }
}

/// <summary>Balances, as the API writes them.</summary>
public sealed record Balances(string Pending, string Available, string Paid = "0.00", string Owed = "0.00");

/// <summary>Somebody with an account, logged in.</summary>
public sealed record Person(Guid Id, string Email, ApiClient Api, string RefreshToken)
{
    public const string UsualPassword = "Str0ng!Pass";

    /// <summary>A new user, logged in.</summary>
    public static async Task<Person> NewAsync(ApiClient api, string? email = null)
    {
        email ??= $"{Unique.Text()}@clicknback.test";
        (await api.RegisterAsync(email, UsualPassword)).Expect(201);
        return await LoginAsync(api, email, UsualPassword);
    }

    /// <summary>The administrator that the migration worker made, logged in.</summary>
    public static Task<Person> AdminAsync(ApiClient api) =>
        LoginAsync(api, Templates.AdminEmail, Templates.AdminPassword);

    public static async Task<Person> LoginAsync(ApiClient api, string email, string password)
    {
        var login = (await api.LoginAsync(email, password)).Expect(200);
        var client = api.With(login["access_token"].GetString());
        var me = (await client.GetAsync("/api/v1/users/me")).Expect(200);
        return new Person(me["id"].GetGuid(), email, client, login["refresh_token"].GetString()!);
    }

    /// <summary>The same person, calling another API.</summary>
    public Person At(ApiClient api) => this with { Api = api.With(Api.AccessToken) };

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
    public async Task<Guid> WithdrawAsync(decimal amount) =>
        (await TryWithdrawAsync(amount)).Expect(201)["id"].GetGuid();

    public Task<Answer> TryWithdrawAsync(decimal amount) => Api.PostAsync("/api/v1/users/me/payouts", PayoutOf(amount));

    /// <summary>The body that asks for a payout.</summary>
    public static object PayoutOf(decimal amount, string iban = "DE89370400440532013000", string holder = "Somebody") =>
        new
        {
            amount,
            method = "bank_transfer",
            details = new { iban, account_holder = holder },
        };

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
