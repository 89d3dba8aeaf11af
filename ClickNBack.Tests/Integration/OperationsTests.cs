using ClickNBack.Api.Persistence;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration;

/// <summary>What administrators, browsers and the edge see of the platform.</summary>
public sealed class OperationsTests(Platform platform) : IClassFixture<Platform>
{
    private ApiClient Admin => platform.Admin.Api;

    [Theory]
    [InlineData("/health", "alive")]
    [InlineData("/health/live", "alive")]
    [InlineData("/ready", "ready")]
    [InlineData("/health/ready", "ready")]
    [InlineData("/api/v1/health", "ready")]
    public async Task Health_is_public(string path, string status)
    {
        Assert.Equal(
            $$"""{"status":"{{status}}"}""",
            (await platform.Server.Anonymous.GetAsync(path)).Expect(200).Text
        );
    }

    [Fact]
    public async Task The_status_shows_versions_and_backlog()
    {
        var status = (await Admin.GetAsync("/api/v1/system/status")).Expect(200);

        Assert.Equal(SchemaVersion.Expected, status["migration"].GetString());
        Assert.Equal(SchemaVersion.Expected, status["expected_migration"].GetString());
        Assert.Equal(0, status["pending_purchases"].GetInt64());
        Assert.Equal(0, status["overdue_purchases"].GetInt64());
        Assert.NotEmpty(status["version"].GetString()!);
        Assert.True(status["uptime_seconds"].GetInt64() >= 0);
    }

    [Fact]
    public async Task The_audit_log_is_filtered_by_everything_it_holds()
    {
        var shop = await platform.Admin.OpenShopAsync();
        var user = await platform.Server.UserAsync();
        var purchase = await user.BuyAsync(shop, 100);
        (await Admin.ReverseAsync(purchase)).Expect(200);
        var today = Person.Today.ToString("O");

        var rows = (
            await Admin.GetAsync(
                $"/api/v1/admin/audit-logs?actor_id={platform.Admin.Id}&action=PURCHASE_REVERSED&resource_type=purchase&resource_id={purchase}&from={today}&to={today}"
            )
        ).Expect(200);
        var none = (await Admin.GetAsync($"/api/v1/admin/audit-logs?resource_id={purchase}&actor_id={user.Id}")).Expect(
            200
        );

        Assert.Equal(1, rows["pagination.total"].GetInt32());
        Assert.Equal("admin", rows["data.0.actor_type"].GetString());
        Assert.Equal("success", rows["data.0.outcome"].GetString());
        Assert.Equal("pending", rows["data.0.details.prior_status"].GetString());
        Assert.Equal(0, none["pagination.total"].GetInt32());
    }

    [Fact]
    public async Task Switching_merchants_and_offers_is_audited_both_ways()
    {
        var shop = await platform.Admin.OpenShopAsync();
        foreach (var status in new[] { "inactive", "inactive", "active" })
        {
            (await Admin.PatchAsync($"/api/v1/merchants/{shop.Merchant}/status", new { status })).Expect(200);
            (await Admin.PatchAsync($"/api/v1/offers/{shop.Offer}/status", new { status })).Expect(200);
        }

        Assert.Equal(
            ["MERCHANT_ACTIVATED", "MERCHANT_DEACTIVATED", "MERCHANT_ACTIVATED"],
            await ActionsAsync(shop.Merchant)
        );
        Assert.Equal(["OFFER_ACTIVATED", "OFFER_DEACTIVATED", "OFFER_ACTIVATED"], await ActionsAsync(shop.Offer));

        Task<List<string>> ActionsAsync(Guid resource) =>
            platform.Database.RowsAsync(
                "SELECT action FROM audit_logs WHERE resource_id = $1 ORDER BY occurred_at, id",
                resource
            );
    }

    [Fact]
    public async Task Setting_and_deleting_a_feature_flag_is_audited()
    {
        const string path = "/api/v1/feature-flags/audited_flag";
        var flag = (await Admin.PutAsync(path, new { enabled = true })).Expect(200)["id"].GetGuid();
        (await Admin.PutAsync(path, new { enabled = false })).Expect(200);
        (await Admin.DeleteAsync($"{path}?scope_type=global")).Expect(204);
        (await Admin.DeleteAsync($"{path}?scope_type=global")).Expect(404);

        var rows = (
            await Admin.GetAsync($"/api/v1/admin/audit-logs?resource_type=feature_flag&resource_id={flag}")
        ).Expect(200);

        Assert.Equal(
            [("FEATURE_FLAG_DELETED", false), ("FEATURE_FLAG_SET", false), ("FEATURE_FLAG_SET", true)],
            rows["data"]
                .EnumerateArray()
                .Select(it =>
                    (
                        it.GetProperty("action").GetString(),
                        it.GetProperty("details").GetProperty("enabled").GetBoolean()
                    )
                )
        );
        Assert.Equal(platform.Admin.Id, rows["data.0.actor_id"].GetGuid());
        Assert.Equal("audited_flag", rows["data.0.details.key"].GetString());
    }

    [Theory]
    [InlineData("https://clicknback.com", true)]
    [InlineData("https://clicknback.com.evil.example", false)]
    [InlineData("http://clicknback.com", false)]
    [InlineData("null", false)]
    public async Task Only_allowed_origins_may_call_from_a_browser(string origin, bool allowed)
    {
        var preflight = await platform.Server.Anonymous.SendAsync(
            HttpMethod.Options,
            "/api/v1/users/me",
            null,
            ("Origin", origin),
            ("Access-Control-Request-Method", "PATCH"),
            ("Access-Control-Request-Headers", "authorization,idempotency-key")
        );
        var actual = await Admin.SendAsync(HttpMethod.Get, "/api/v1/users/me", null, ("Origin", origin));

        Assert.Equal(allowed, preflight.Headers.ContainsKey("Access-Control-Allow-Origin"));
        Assert.Equal(allowed, actual.Expect(200).Headers.ContainsKey("Access-Control-Allow-Origin"));
        if (allowed)
        {
            Assert.Equal(origin, preflight.Headers["Access-Control-Allow-Origin"]);
            Assert.Equal("true", preflight.Headers["Access-Control-Allow-Credentials"]);
            Assert.Equal("authorization,idempotency-key", preflight.Headers["Access-Control-Allow-Headers"]);
            Assert.Equal("PATCH", preflight.Headers["Access-Control-Allow-Methods"]);
            Assert.Equal("Origin", actual.Headers["Vary"]);
        }
    }

    [Fact]
    public async Task An_origin_pattern_must_match_the_whole_origin()
    {
        await using var server = await ApiServer.StartAsync(
            platform.Database,
            new ApiSetup { Settings = { ["Cors:AllowedOriginPattern"] = "http://localhost(:[0-9]+)?" } }
        );

        Assert.True(await IsAllowedAsync("http://localhost:5173"));
        Assert.False(await IsAllowedAsync("http://localhost:5173.evil.example"));
        Assert.False(await IsAllowedAsync("evil://http://localhost"));

        async Task<bool> IsAllowedAsync(string origin) =>
            (await server.Anonymous.SendAsync(HttpMethod.Get, "/health", null, ("Origin", origin))).Headers.ContainsKey(
                "Access-Control-Allow-Origin"
            );
    }
}
