using ClickNBack.Api.Accounts;
using ClickNBack.Api.Audit;
using ClickNBack.Api.Payouts;
using ClickNBack.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace ClickNBack.Tests.Contract;

/// <summary>What holds for every list, and other rules of the contract that belong to no single endpoint.</summary>
public sealed class ConventionTests(PopulatedPlatform platform) : IClassFixture<PopulatedPlatform>
{
    private static readonly HashSet<string> ShortLists =
    [
        "GET /api/v1/purchases",
        "GET /api/v1/users/me/purchases",
        "GET /api/v1/users/me/wallet/transactions",
    ];

    private static readonly string[] ImpossiblePages =
    [
        "limit=0",
        "limit=101",
        "limit=ten",
        "limit=1.5",
        "limit=",
        "offset=-1",
        "offset=x",
        "offset=",
        "offset=9223372036854775808",
    ];

    public static IEnumerable<object[]> Lists =>
        ApiOperations
            .All.Values.Where(it => it.QueryParameters.Contains("limit"))
            .Select(it => new object[] { it.Route });

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task A_list_has_the_contracts_default_and_largest_page(string route)
    {
        Assert.Equal(ShortLists.Contains(route) ? 10 : 20, (await PageAsync(route, ""))["pagination.limit"].GetInt32());
        Assert.Equal(0, (await PageAsync(route, ""))["pagination.offset"].GetInt32());
        Assert.Equal(100, (await PageAsync(route, "limit=100"))["pagination.limit"].GetInt32());
        Assert.Single((await PageAsync(route, "limit=1"))["data"].EnumerateArray());
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task Past_its_end_a_list_is_empty_and_its_total_the_same(string route)
    {
        var first = await PageAsync(route, "");
        foreach (var offset in new[] { 1000, long.MaxValue })
        {
            var past = await PageAsync(route, $"offset={offset}");

            Assert.Empty(past["data"].EnumerateArray());
            Assert.Equal(offset, past["pagination.offset"].GetInt64());
            Assert.Equal(first["pagination.total"].GetInt64(), past["pagination.total"].GetInt64());
        }
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task A_page_that_cannot_be_is_refused_by_its_field(string route)
    {
        foreach (var query in ImpossiblePages)
        {
            var answer = await SendAsync(route, query);

            answer.Expect(422, "VALIDATION_ERROR");
            Assert.Equal(query.Split('=')[0], answer["error.details.violations.0.field"].GetString());
        }
    }

    [Fact]
    public async Task Every_audited_action_is_logged_too()
    {
        await DoOneOfEachAsync();

        var audited = (await platform.Database.RowsAsync("SELECT action, resource_id FROM audit_logs")).ConvertAll(it =>
            it.Split(' ')
        );
        Assert.Equal(
            typeof(AuditActions)
                .GetFields()
                .Select(it => (string)it.GetRawConstantValue()!)
                .Except([AuditActions.WalletRebuilt, AuditActions.WithdrawalHeld]) // the migration worker's and a restore's
                .Order(StringComparer.Ordinal),
            audited.Select(it => it[0]).Distinct().Order(StringComparer.Ordinal)
        );
        var log = platform.Server.LogLines.ToList();
        Assert.All(audited, row => Assert.Contains(log, line => row.All(line.Contains)));
    }

    private async Task DoOneOfEachAsync()
    {
        var api = platform.Admin.Api;
        var shop = await platform.Admin.OpenShopAsync();
        foreach (
            var route in (string[])
                [
                    "DELETE /api/v1/merchants/{id}/webhook-secrets/{secretId}",
                    "POST /api/v1/admin/cases/{id}/decision",
                    "POST /api/v1/admin/payouts/{id}/release",
                    "POST /api/v1/admin/report-files/{id}/confirmation",
                ]
        )
        {
            var answer = await (await platform.RequestAsync(route)).SendAsync(api);
            Assert.InRange(answer.Status, 200, 204);
        }

        (await api.ReverseAsync(await platform.User.BuyAsync(shop, 10))).Expect(200);
        (await api.ConfirmAsync(await platform.User.BuyAsync(shop, 400))).Expect(200);
        var payout = await platform.User.WithdrawAsync(10);
        (await api.GetAsync($"/api/v1/admin/payouts/{payout}/destination")).Expect(200);
        (await api.PatchAsync($"/api/v1/admin/payouts/{payout}/process", new { status = "completed" })).Expect(200);
        (await api.PatchAsync($"/api/v1/offers/{shop.Offer}/status", new { status = "inactive" })).Expect(200);
        (await api.PatchAsync($"/api/v1/merchants/{shop.Merchant}/status", new { status = "inactive" })).Expect(200);

        await platform.Database.ExecuteAsync(
            "INSERT INTO merchants (id, name, default_cashback_percentage, active, created_at) VALUES ($1, 'Rejected', 0, true, now())",
            ApiSetup.RejectionMerchant
        );
        var offer = (await api.PostAsync("/api/v1/offers/", Person.OfferOf(ApiSetup.RejectionMerchant))).Expect(201);
        await platform.User.BuyAsync(new Shop(ApiSetup.RejectionMerchant, offer["id"].GetGuid()), 10);
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            await platform.Server.VerifyAsync();
            await platform.Database.ExecuteAsync(
                "UPDATE purchases SET next_verification_at = next_verification_at - interval '1 minute'"
            );
        }

        (await api.PutAsync("/api/v1/feature-flags/audited_flag", new { enabled = false })).Expect(200);
        (await api.DeleteAsync("/api/v1/feature-flags/audited_flag?scope_type=global")).Expect(204);
        var password = new { current_password = Person.UsualPassword, new_password = Person.UsualPassword };
        (await platform.Other.Api.PutAsync("/api/v1/users/me/password", password)).Expect(204);

        (await (await platform.Server.UserAsync()).Api.DeleteAsync("/api/v1/users/me")).Expect(204);
        await DoOneOfEachInTheConsoleAsync();

        var login = await platform.Server.LoginAsync(platform.User.Email, Person.UsualPassword);
        (await platform.Anonymous.RefreshAsync(login.RefreshToken)).Expect(200);
        await platform.Database.ExecuteAsync(
            "SET session_replication_role = replica; UPDATE refresh_tokens SET used_at = used_at - interval '1 minute'"
        );
        (await platform.Anonymous.RefreshAsync(login.RefreshToken)).Expect(401);
    }

    // What has no route of the API, and so no use for its contract but in the audit log.
    private async Task DoOneOfEachInTheConsoleAsync()
    {
        var payout = await platform.User.WithdrawAsync(10);
        var process = $"/api/v1/admin/payouts/{payout}/process";
        (await platform.Admin.Api.PatchAsync(process, new { status = "processing" })).Expect(200);
        var user = await platform.Server.UserAsync();
        await using var scope = platform.Server.Services.CreateAsyncScope();
        var exports = scope.ServiceProvider.GetRequiredService<PayoutExports>();
        var (export, _) = await exports.CreateAsync(platform.Admin.Id, CancellationToken.None);
        Assert.NotNull((await exports.ReadFileAsync(export!.Id, platform.Admin.Id, CancellationToken.None)).File);
        var access = scope.ServiceProvider.GetRequiredService<AccountAccess>();
        Assert.Null(await access.EndSessionsAsync(user.Id, platform.Admin.Id, CancellationToken.None));
        Assert.Null(await access.SetActiveAsync(user.Id, false, platform.Admin.Id, CancellationToken.None));
        Assert.Null(await access.SetActiveAsync(user.Id, true, platform.Admin.Id, CancellationToken.None));
    }

    private async Task<Answer> PageAsync(string route, string query) => (await SendAsync(route, query)).Expect(200);

    private async Task<Answer> SendAsync(string route, string query)
    {
        var request = await platform.RequestAsync(route);
        var caller = await platform.CallerAsync(route);
        return await (request with { Path = $"{request.Path}?{query}" }).SendAsync(caller);
    }
}
