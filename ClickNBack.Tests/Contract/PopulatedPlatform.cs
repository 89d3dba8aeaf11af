using System.Net.Mime;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ClickNBack.Api.Auth;
using ClickNBack.Api.Users;
using ClickNBack.Tests.Infrastructure;
using ClickNBack.Tests.Unit.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ClickNBack.Tests.Contract;

/// <summary>A request of a route.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">The path.</param>
/// <param name="Body">The JSON body, if the route has one.</param>
internal sealed record RouteRequest(string Method, string Path, JsonObject? Body)
{
    /// <summary>Its body, where that is no JSON.</summary>
    public string? Csv { get; init; }

    /// <summary>Who signs it, if somebody does.</summary>
    public Reporter? Signer { get; init; }

    public Task<Answer> SendAsync(ApiClient client, string? body = null) =>
        client.SendAsync(
            new HttpMethod(Method),
            Path,
            Csv is not null ? new StringContent(body ?? Csv, Encoding.UTF8, MediaTypeNames.Text.Csv)
                : Body is null ? null
                : new StringContent(body ?? Body.ToJsonString(), Encoding.UTF8, MediaTypeNames.Application.Json),
            Signer?.Headers(body ?? Body!.ToJsonString()) ?? []
        );
}

/// <summary>
/// A platform with at least one of everything; for each route it makes a request that succeeds when it is sent by whom it is
/// meant for: <see cref="User"/>, who owns what there is, or on administrators' routes the administrator.
/// </summary>
public sealed class PopulatedPlatform : IAsyncLifetime
{
    private const string Flag = "contract_flag";

    private readonly Platform _platform = new();

    public TestDatabase Database => _platform.Database;

    public ApiServer Server => _platform.Server;

    public ApiClient Anonymous => _platform.Server.Anonymous;

    public Person Admin => _platform.Admin;

    /// <summary>Owns a purchase, a payout and a wallet with cashback.</summary>
    public Person User { get; private set; } = null!;

    /// <summary>Owns nothing.</summary>
    public Person Other { get; private set; } = null!;

    /// <summary>Logged in, then switched off.</summary>
    public Person Inactive { get; private set; } = null!;

    /// <summary>An access token of <see cref="User"/> that is past its time.</summary>
    public string ExpiredToken { get; private set; } = null!;

    /// <summary>A merchant with an offer in force.</summary>
    public Shop Shop { get; private set; } = null!;

    /// <summary>A pending purchase of <see cref="User"/>.</summary>
    public Guid Purchase { get; private set; }

    public async Task InitializeAsync()
    {
        await _platform.InitializeAsync();
        User = await Server.UserAsync();
        Other = await Server.UserAsync();
        Inactive = await Server.UserAsync();
        await Database.ExecuteAsync("UPDATE users SET active = false WHERE id = $1", Inactive.Id);
        var longAgo = new ManualClock();
        ExpiredToken = new TokenService(
            Server.Services.GetRequiredService<IOptions<TokenSettings>>(),
            longAgo
        ).IssueAccessToken(User.Id, Role.User, Guid.Empty);

        Shop = await Admin.OpenShopAsync();
        (await Admin.Api.ConfirmAsync(await User.BuyAsync(Shop, 40_000))).Expect(200);
        Purchase = await User.BuyAsync(Shop, 100);
        await User.WithdrawAsync(10);
        await SetFlagAsync();
        await OpenCaseAsync();
        await UploadAsync(ReportCsv);
        var reporter = await NewReporterAsync();
        await reporter.ReportAsync(Anonymous, reporter.Said(Unique.Text(), 100, reason: "By the tests."));
        await Database.ExecuteAsync(
            """
            UPDATE reported_transactions SET state = 'unclaimed'
            WHERE order_reference NOT IN (SELECT external_id FROM purchases)
            """
        );
    }

    public Task DisposeAsync() => _platform.DisposeAsync();

    /// <summary>Whom the route is meant for.</summary>
    internal Task<ApiClient> CallerAsync(string route) =>
        AsAsync(route, AuthorizationMatrixTests.IsForUsers(route) ? User : Admin);

    /// <summary>That person, or somebody new where the route changes the account itself.</summary>
    internal async Task<ApiClient> AsAsync(string route, Person person) =>
        (route is "PUT /api/v1/users/me/password" or "DELETE /api/v1/users/me" ? await Server.UserAsync() : person).Api;

    /// <summary>A request of the route that succeeds; what it uses up is made anew each time.</summary>
    internal async Task<RouteRequest> RequestAsync(string route) =>
        route switch
        {
            "POST /api/v1/users" => Of(route, new { email = $"{Unique.Text()}@b.example", password = "Str0ng!Pass" }),
            "POST /api/v1/auth/login" => Of(route, new { email = User.Email, password = Person.UsualPassword }),
            "POST /api/v1/auth/refresh" or "POST /api/v1/auth/logout" => Of(
                route,
                new { refresh_token = (await Server.LoginAsync(User.Email, Person.UsualPassword)).RefreshToken }
            ),
            "PUT /api/v1/users/me/password" => Of(
                route,
                new { current_password = Person.UsualPassword, new_password = Person.UsualPassword }
            ),
            "POST /api/v1/merchants" => Of(
                route,
                new
                {
                    name = Unique.Text(),
                    default_cashback_percentage = 5,
                    active = true,
                }
            ),
            "PATCH /api/v1/merchants/{id}/status" => Of(route, new { status = "active" }, Shop.Merchant),
            "POST /api/v1/offers" => Of(route, Person.OfferOf(await Admin.OpenMerchantAsync())),
            "GET /api/v1/offers/{id}" => Of(route, null, Shop.Offer),
            "PATCH /api/v1/offers/{id}/status" => Of(route, new { status = "active" }, Shop.Offer),
            "POST /api/v1/purchases" => Of(route, User.PurchaseAt(Shop.Merchant, 100)),
            "GET /api/v1/purchases/{id}" => Of(route, null, Purchase),
            "POST /api/v1/purchases/{id}/confirmation" or "PATCH /api/v1/purchases/{id}/reverse" => Of(
                route,
                null,
                await User.BuyAsync(Shop, 100)
            ),
            "POST /api/v1/users/me/payouts" => Of(route, Person.PayoutOf(10)),
            "GET /api/v1/admin/payouts/{id}/destination" => Of(route, null, await User.WithdrawAsync(10)),
            "PATCH /api/v1/admin/payouts/{id}/process" => Of(
                route,
                new { status = "completed" },
                await User.WithdrawAsync(10)
            ),
            "POST /api/v1/admin/payouts/{id}/release" => Of(route, null, await HeldPayoutAsync()),
            "PUT /api/v1/feature-flags/{key}" => Of(
                route,
                new
                {
                    enabled = true,
                    scope_type = "global",
                    scope_id = (Guid?)null,
                    description = "By the tests.",
                },
                Flag
            ),
            "GET /api/v1/feature-flags" => Of(route, null, await SetFlagAsync()),
            "GET /api/v1/feature-flags/{key}/evaluate" => Of(route, null, Flag),
            "DELETE /api/v1/feature-flags/{key}" => Of(route, null, await SetFlagAsync(), "?scope_type=global"),
            "POST /api/v1/merchants/{id}/reports" => await ReportAsync(route),
            "POST /api/v1/merchants/{id}/webhook-secrets" => Of(route, null, await Admin.OpenMerchantAsync()),
            "GET /api/v1/merchants/{id}/webhook-secrets" => Of(route, null, (await NewReporterAsync()).Shop.Merchant),
            "DELETE /api/v1/merchants/{id}/webhook-secrets/{secretId}" => await RevokeAsync(route),
            "POST /api/v1/merchants/{id}/report-files" => Upload(Shop.Merchant),
            "GET /api/v1/admin/report-files/{id}" or "GET /api/v1/admin/report-files/{id}/errors" => Of(
                route,
                null,
                await UploadAsync($"{ReportCsv}o-1,12\n")
            ),
            "POST /api/v1/admin/report-files/{id}/confirmation" => Of(route, null, await UploadAsync(ReportCsv)),
            "GET /api/v1/admin/cases" => Of(route, null),
            "GET /api/v1/admin/cases/{id}" => Of(route, null, await OpenCaseAsync()),
            "POST /api/v1/admin/cases/{id}/decision" => Of(
                route,
                new { decision = "reject", note = "By the tests." },
                await OpenCaseAsync()
            ),
            _ => Of(route, null),
        };

    private async Task<Reporter> NewReporterAsync() => await Reporter.NewAsync(Admin, await Shop.OpenAsync(Database));

    private async Task<RouteRequest> ReportAsync(string route)
    {
        var reporter = await NewReporterAsync();
        var said = reporter.Said(Unique.Text(), 100, reason: "By the tests.");
        return Of(route, new { transactions = new[] { said } }, reporter.Shop.Merchant) with { Signer = reporter };
    }

    private static string ReportCsv =>
        $"order_reference,amount,currency,status,reported_at,reason\n{Unique.Text()},100.00,EUR,approved,2025-11-15T10:00:00Z,\n";

    private static RouteRequest Upload(Guid merchant, string? csv = null) =>
        new("POST", $"/api/v1/merchants/{merchant}/report-files?separator=comma&decimal=point", Body: null)
        {
            Csv = csv ?? ReportCsv,
        };

    private async Task<Guid> UploadAsync(string csv) =>
        (await Upload(Shop.Merchant, csv).SendAsync(Admin.Api)).Expect(201)["id"].GetGuid();

    private async Task<RouteRequest> RevokeAsync(string route)
    {
        var (merchant, _) = (await NewReporterAsync()).Shop;
        var secret = await Database.ScalarAsync<Guid>(
            "SELECT id FROM webhook_secrets WHERE merchant_id = $1",
            merchant
        );
        return Of(route.Replace("{secretId}", $"{secret}", StringComparison.Ordinal), null, merchant);
    }

    private async Task<Guid> OpenCaseAsync()
    {
        var merchant = await NewReporterAsync();
        var order = Unique.Text();
        var purchase = await User.BuyAsync(merchant.Shop, 100, order);
        await merchant.ReportAsync(Anonymous, merchant.Said(order, 90, reason: "By the tests."));
        await Database.ExecuteAsync(
            """
            INSERT INTO cases (id, kind, purchase_id, opened_at) VALUES ($1, 'amount_differs', $1, now());
            """,
            purchase
        );
        (await Other.TryBuyAsync(merchant.Shop, 100, order)).Expect(409);
        return purchase;
    }

    /// <summary>A payout of <see cref="User"/> that is held.</summary>
    public async Task<Guid> HeldPayoutAsync()
    {
        var payout = await User.WithdrawAsync(10);
        await Database.ExecuteAsync("UPDATE payouts SET held_for = 'amount' WHERE id = $1", payout);
        return payout;
    }

    private async Task<string> SetFlagAsync()
    {
        var answer = await Admin.Api.PutAsync($"/api/v1/feature-flags/{Flag}", new { enabled = true });
        return answer.Expect(200)["key"].GetString()!;
    }

    private static RouteRequest Of(string route, object? body, object? id = null, string query = "")
    {
        var (method, path) = (route.Split(' ')[0], route.Split(' ')[1]);
        path = path.Replace("{id}", $"{id}").Replace("{key}", $"{id}");
        return new RouteRequest(method, path + query, JsonSerializer.SerializeToNode(body)?.AsObject());
    }
}
