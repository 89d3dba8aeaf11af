using System.Diagnostics;
using System.Net.Http.Json;
using ClickNBack.Api.Purchases;
using ClickNBack.Tests.Infrastructure;
using ClickNBack.Tests.Unit.ServiceDefaults;

namespace ClickNBack.Tests.Integration;

/// <summary>On one day (UTC) a user claims at most 3 purchases of at most 500 EUR in all; the rest is refused, and a case.</summary>
public sealed class ClaimLimitTests(LimitedClaims platform) : IClassFixture<LimitedClaims>, IAsyncLifetime
{
    private const string Purchases = "/api/v1/purchases/";
    private Person _user = null!;

    public async Task InitializeAsync() => _user = await platform.Server.UserAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task One_purchase_too_many_is_refused_and_says_how_many_are_allowed()
    {
        await BuyAsync(1, 1, 1);

        var answer = await TryAsync(1);

        answer.Expect(422, "DAILY_CLAIM_LIMIT");
        Assert.Equal("At most 3 purchases can be claimed a day.", answer["error.details.violations.0"].GetString());
        Assert.Equal(3, (await MineAsync())["pagination.total"].GetInt32());
        Assert.Equal("0.30", (await _user.WalletAsync()).Pending);
    }

    [Fact]
    public async Task The_amount_is_used_up_to_the_cent()
    {
        await BuyAsync(499.98m);

        var answer = await TryAsync(0.03m);

        answer.Expect(422, "DAILY_CLAIM_LIMIT");
        Assert.Contains("500.00 EUR", answer["error.details.violations.0"].GetString());
        await BuyAsync(0.02m);
        (await TryAsync(0.01m)).Expect(422, "DAILY_CLAIM_LIMIT");
    }

    [Fact]
    public async Task A_single_purchase_over_the_amount_is_refused()
    {
        (await TryAsync(500.01m)).Expect(422, "DAILY_CLAIM_LIMIT");
        await BuyAsync(500);
    }

    [Fact]
    public async Task What_is_refused_for_another_reason_does_not_count()
    {
        var order = Unique.Text();
        await _user.BuyAsync(platform.Shop, 1, order);
        for (var time = 0; time < 3; time++)
        {
            (await _user.TryBuyAsync(platform.Shop, 1, order)).Expect(409, "DUPLICATE_PURCHASE");
            (await _user.TryBuyAsync(new Shop(Guid.Empty, Guid.Empty), 1)).Expect(422, "MERCHANT_NOT_ELIGIBLE");
        }

        await BuyAsync(1, 1);
        (await TryAsync(1)).Expect(422, "DAILY_CLAIM_LIMIT");
        (await _user.TryBuyAsync(platform.Shop, 1, order)).Expect(409, "DUPLICATE_PURCHASE");
    }

    [Fact]
    public async Task Purchases_count_whatever_became_of_them()
    {
        await BuyAsync(1, 1);
        (await platform.Admin.Api.ReverseAsync(await _user.BuyAsync(platform.Shop, 1))).Expect(200);

        (await TryAsync(1)).Expect(422, "DAILY_CLAIM_LIMIT");
    }

    [Fact]
    public async Task Nobody_pays_for_anothers_claims_and_the_next_day_begins_anew()
    {
        await BuyAsync(1, 1, 1);
        await (await platform.Server.UserAsync()).BuyAsync(platform.Shop, 1);
        await using var tomorrow = await platform.StartAsync(new ManualClock(), TimeSpan.FromDays(1));
        var there = await tomorrow.LoginAsync(_user.Email, Person.UsualPassword);

        await there.BuyAsync(platform.Shop, 1);
    }

    [Fact]
    public async Task A_limit_that_is_lowered_holds_at_once_and_one_that_is_raised_too()
    {
        await BuyAsync(1);
        await using var strict = await platform.StartAsync(platform.Clock, settings: ("Claims:MaxPerDay", "1"));
        await using var generous = await platform.StartAsync(platform.Clock, settings: ("Claims:MaxPerDay", "4"));

        (await _user.At(strict.Anonymous).TryBuyAsync(platform.Shop, 1)).Expect(422, "DAILY_CLAIM_LIMIT");
        await BuyAsync(1, 1);
        (await TryAsync(1)).Expect(422, "DAILY_CLAIM_LIMIT");
        await _user.At(generous.Anonymous).BuyAsync(platform.Shop, 1);
    }

    [Fact]
    public async Task What_is_refused_is_one_case_of_the_user_the_day_and_the_limit()
    {
        await BuyAsync(1, 1, 490);
        var order = Unique.Text();
        (await _user.TryBuyAsync(platform.Shop, 7, order)).Expect(422);
        (await _user.TryBuyAsync(platform.Shop, 7, order)).Expect(422); // says nothing new
        (await TryAsync(8)).Expect(422);

        var id = Guid.Parse(Assert.Single(await CasesAsync("too_many_claims")));
        var shown = (await platform.Admin.Api.GetAsync($"/api/v1/admin/cases/{id}")).Expect(200);
        Assert.Equal(_user.Id, shown["user_id"].GetGuid());
        Assert.Equal($"{platform.Today:O}", shown["day"].GetString());
        Assert.Equal(order, shown["excess_claims.0.external_id"].GetString());
        Assert.Equal(platform.Shop.Merchant, shown["excess_claims.0.merchant_id"].GetGuid());
        Assert.Equal("7.00", shown["excess_claims.0.amount"].GetString());
        Assert.Equal(2, shown["excess_claims"].GetArrayLength());
        var list = (await platform.Admin.Api.GetAsync("/api/v1/admin/cases?kind=too_many_claims&limit=100")).Expect(
            200
        );
        var listed = list["data"].EnumerateArray().Single(it => it.GetProperty("id").GetGuid() == id);
        Assert.Equal(_user.Id, listed.GetProperty("user_id").GetGuid());
    }

    [Fact]
    public async Task Each_limit_makes_a_case_of_its_own()
    {
        await BuyAsync(500);
        (await TryAsync(1)).Expect(422);
        await using var strict = await platform.StartAsync(platform.Clock, settings: ("Claims:MaxPerDay", "1"));
        (await _user.At(strict.Anonymous).TryBuyAsync(platform.Shop, 1)).Expect(422);

        Assert.Single(await CasesAsync("too_much_claimed"));
        Assert.Single(await CasesAsync("too_many_claims"));
    }

    [Fact]
    public async Task Of_what_is_refused_a_hundred_are_kept()
    {
        await BuyAsync(1, 1, 1);
        for (var claim = 0; claim < ExcessClaim.MaxPerCase + 2; claim++)
        {
            (await TryAsync(1)).Expect(422);
        }

        Assert.Equal(
            ExcessClaim.MaxPerCase,
            await platform.Database.ScalarAsync<long>("SELECT count(*) FROM excess_claims WHERE user_id = $1", _user.Id)
        );
    }

    [Fact]
    public async Task Such_a_case_is_dismissed_once_and_nothing_else()
    {
        await BuyAsync(500);
        (await TryAsync(1)).Expect(422);
        var id = Assert.Single(await CasesAsync("too_much_claimed"));

        (await DecideAsync(id, "confirm")).Expect(400, "DECISION_NOT_POSSIBLE");
        var answer = (await DecideAsync(id, "dismiss")).Expect(200);
        (await DecideAsync(id, "dismiss")).Expect(409, "CASE_ALREADY_DECIDED");

        Assert.Equal($$"""{"id":"{{id}}","decision":"dismiss","purchase_status":null}""", answer.Text);
        (await TryAsync(1)).Expect(422); // one case a day, decided or not
        Assert.Single(await CasesAsync("too_much_claimed"));
        Assert.Equal(
            ["CASE_DECIDED admin"],
            await platform.Database.RowsAsync(
                "SELECT action, actor_type FROM audit_logs WHERE resource_id = $1",
                Guid.Parse(id)
            )
        );
    }

    [Fact]
    public async Task With_a_key_the_refusal_is_remembered_and_a_repetition_is_decided_anew()
    {
        await BuyAsync(1, 1, 1);
        var body = _user.PurchaseAt(platform.Shop.Merchant, 1);
        var key = Unique.Text();
        (await _user.Api.PostAsync(Purchases, body, key)).Expect(422, "DAILY_CLAIM_LIMIT");
        Assert.Single(await CasesAsync("too_many_claims"));
        await using var generous = await platform.StartAsync(platform.Clock, settings: ("Claims:MaxPerDay", "4"));

        (await _user.At(generous.Anonymous).Api.PostAsync(Purchases, body, key)).Expect(201);
    }

    [Fact]
    public async Task Switched_off_nothing_is_counted()
    {
        await using var off = await platform.StartAsync(
            platform.Clock,
            TimeSpan.Zero,
            ("Claims:MaxPerDay", "0"),
            ("Claims:MaxAmountPerDay", "0")
        );
        var there = _user.At(off.Anonymous);
        for (var claim = 0; claim < 4; claim++)
        {
            await there.BuyAsync(platform.Shop, 400);
        }

        Assert.Equal(
            0,
            await platform.Database.ScalarAsync<long>("SELECT count(*) FROM daily_claims WHERE user_id = $1", _user.Id)
        );
    }

    [Theory]
    [InlineData("Claims:MaxPerDay", 100, 5)]
    [InlineData("Claims:MaxAmountPerDay", 1000, 3)]
    public async Task Each_limit_can_be_switched_off_alone(string off, int price, int taken)
    {
        await using var server = await platform.StartAsync(platform.Clock, settings: (off, "0"));
        var there = _user.At(server.Anonymous);
        for (var claim = 0; claim < taken; claim++)
        {
            await there.BuyAsync(platform.Shop, price);
        }

        (await there.TryBuyAsync(platform.Shop, price)).Expect(422, "DAILY_CLAIM_LIMIT");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_limits_cost_no_round_trip(bool withKey)
    {
        await using var off = await platform.StartAsync(
            platform.Clock,
            TimeSpan.Zero,
            ("Claims:MaxPerDay", "0"),
            ("Claims:MaxAmountPerDay", "0")
        );
        await BuyAsync(1); // its wallet is there, and the limits' row

        var without = await RoundTripsAsync(off);
        var with = await RoundTripsAsync(platform.Server);

        Assert.Equal(without, with);
        Assert.InRange(with, 2, 3);

        async Task<int> RoundTripsAsync(ApiServer server)
        {
            var counted = 0;
            var trace = ActivityTraceId.CreateRandom();
            using var listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == "Npgsql",
                Sample = (ref ActivityCreationOptions<ActivityContext> it) =>
                    it.TraceId == trace ? ActivitySamplingResult.AllData : ActivitySamplingResult.None,
                ActivityStopped = activity =>
                {
                    if (activity.TraceId == trace)
                    {
                        Interlocked.Increment(ref counted);
                    }
                },
            };
            ActivitySource.AddActivityListener(listener);
            List<(string, string)> headers = [("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01")];
            if (withKey)
            {
                headers.Add(("Idempotency-Key", Unique.Text()));
            }

            var body = JsonContent.Create(_user.PurchaseAt(platform.Shop.Merchant, 1));
            var there = _user.At(server.Anonymous).Api;
            (await there.SendAsync(HttpMethod.Post, Purchases, body, [.. headers])).Expect(201);
            return counted;
        }
    }

    private async Task BuyAsync(params decimal[] amounts)
    {
        foreach (var amount in amounts)
        {
            await _user.BuyAsync(platform.Shop, amount);
        }
    }

    private Task<Answer> TryAsync(decimal amount) => _user.TryBuyAsync(platform.Shop, amount);

    private async Task<Answer> MineAsync() => (await _user.Api.GetAsync("/api/v1/users/me/purchases")).Expect(200);

    private Task<List<string>> CasesAsync(string kind) =>
        platform.Database.RowsAsync("SELECT id FROM cases WHERE user_id = $1 AND kind = $2", _user.Id, kind);

    private Task<Answer> DecideAsync(string id, string decision) =>
        platform.Admin.Api.PostAsync($"/api/v1/admin/cases/{id}/decision", new { decision, note = "Looked at." });
}

/// <summary>A platform where claims are limited, with a clock of its own.</summary>
public sealed class LimitedClaims : IAsyncLifetime
{
    public TestDatabase Database { get; private set; } = null!;

    public ApiServer Server { get; private set; } = null!;

    public Person Admin { get; private set; } = null!;

    /// <summary>Where everything earns 10 %.</summary>
    public Shop Shop { get; private set; } = null!;

    /// <summary>The API's day.</summary>
    public DateOnly Today => DateOnly.FromDateTime(Clock.GetUtcNow().UtcDateTime);

    internal ManualClock Clock { get; } = new();

    public async Task InitializeAsync()
    {
        Database = await TestDatabase.CreateAsync();
        Server = await StartAsync(Clock);
        Admin = await Server.AdminAsync();
        Shop = await Shop.OpenAsync(Database);
    }

    public async Task DisposeAsync()
    {
        await Database.InvariantsHoldAsync();
        await Server.DisposeAsync();
        await Database.DisposeAsync();
    }

    /// <summary>Another process.</summary>
    internal Task<ApiServer> StartAsync(
        ManualClock clock,
        TimeSpan ahead = default,
        params (string Key, string Value)[] settings
    )
    {
        clock.Advance(ahead);
        var all = new Dictionary<string, string?> { ["Claims:MaxPerDay"] = "3", ["Claims:MaxAmountPerDay"] = "500" };
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        return ApiServer.StartAsync(Database, new ApiSetup { Clock = clock, Settings = all });
    }
}
