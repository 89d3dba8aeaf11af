using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Contract;

/// <summary>
/// Who may do what (contract 2.9): what each route answers to each kind of caller. The user owns what is asked for, the other
/// user and the administrator do not.
/// </summary>
public sealed class AuthorizationMatrixTests(PopulatedPlatform platform) : IClassFixture<PopulatedPlatform>
{
    private const string Table = """
        route                                      | anonymous | user  | other     | admin     | inactive | expired | refresh
        GET /health                                | 200       | 200   | 200       | 200       | 200      | 200     | 200
        GET /health/live                           | 200       | 200   | 200       | 200       | 200      | 200     | 200
        GET /health/ready                          | 200       | 200   | 200       | 200       | 200      | 200     | 200
        GET /ready                                 | 200       | 200   | 200       | 200       | 200      | 200     | 200
        GET /openapi.json                          | 200       | 200   | 200       | 200       | 200      | 200     | 200
        GET /api/v1/health                         | 200       | 200   | 200       | 200       | 200      | 200     | 200
        POST /api/v1/users                         | 201       | 201   | 201       | 201       | 201      | 201     | 201
        POST /api/v1/auth/login                    | 200       | 200   | 200       | 200       | 200      | 200     | 200
        POST /api/v1/auth/refresh                  | 200       | 200   | 200       | 200       | 200      | 200     | 200
        POST /api/v1/auth/logout                   | token     | 204   | not yours | not yours | inactive | expired | token
        PUT /api/v1/users/me/password              | token     | 204   | 204       | 204       | inactive | expired | token
        DELETE /api/v1/users/me                    | token     | 204   | 204       | 204       | inactive | expired | token
        GET /api/v1/users/me                       | token     | 200   | 200       | 200       | inactive | expired | token
        GET /api/v1/users/me/purchases             | token     | 200   | 200       | 200       | inactive | expired | token
        GET /api/v1/users/me/wallet                | token     | 200   | 200       | 200       | inactive | expired | token
        GET /api/v1/users/me/wallet/transactions   | token     | 200   | 200       | 200       | inactive | expired | token
        GET /api/v1/users/me/payouts               | token     | 200   | 200       | 200       | inactive | expired | token
        POST /api/v1/users/me/payouts              | token     | 201   | poor      | poor      | inactive | expired | token
        GET /api/v1/offers                         | token     | 200   | 200       | 200       | inactive | expired | token
        GET /api/v1/offers/active                  | token     | 200   | 200       | 200       | inactive | expired | token
        GET /api/v1/offers/{id}                    | token     | 200   | 200       | 200       | inactive | expired | token
        POST /api/v1/purchases                     | token     | 201   | forbidden | forbidden | inactive | expired | token
        GET /api/v1/purchases/{id}                 | token     | 200   | forbidden | forbidden | inactive | expired | token
        POST /api/v1/offers                        | token     | token | token     | 201       | inactive | expired | token
        PATCH /api/v1/offers/{id}/status           | token     | token | token     | 200       | inactive | expired | token
        POST /api/v1/merchants                     | token     | token | token     | 201       | inactive | expired | token
        GET /api/v1/merchants                      | token     | token | token     | 200       | inactive | expired | token
        PATCH /api/v1/merchants/{id}/status        | token     | token | token     | 200       | inactive | expired | token
        GET /api/v1/purchases                      | token     | token | token     | 200       | inactive | expired | token
        POST /api/v1/purchases/{id}/confirmation   | token     | token | token     | 200       | inactive | expired | token
        PATCH /api/v1/purchases/{id}/reverse       | token     | token | token     | 200       | inactive | expired | token
        GET /api/v1/feature-flags                  | token     | token | token     | 200       | inactive | expired | token
        PUT /api/v1/feature-flags/{key}            | token     | token | token     | 200       | inactive | expired | token
        DELETE /api/v1/feature-flags/{key}         | token     | token | token     | 204       | inactive | expired | token
        GET /api/v1/feature-flags/{key}/evaluate   | token     | token | token     | 200       | inactive | expired | token
        GET /api/v1/admin/payouts                  | token     | token | token     | 200       | inactive | expired | token
        GET /api/v1/admin/payouts/{id}/destination | token     | token | token     | 200       | inactive | expired | token
        PATCH /api/v1/admin/payouts/{id}/process   | token     | token | token     | 200       | inactive | expired | token
        POST /api/v1/admin/payouts/{id}/release    | token     | token | token     | 200       | inactive | expired | token
        POST /api/v1/merchants/{id}/reports        | 202       | 202   | 202       | 202       | 202      | 202     | 202
        POST /api/v1/merchants/{id}/webhook-secrets | token    | token | token     | 201       | inactive | expired | token
        GET /api/v1/merchants/{id}/webhook-secrets | token     | token | token     | 200       | inactive | expired | token
        DELETE /api/v1/merchants/{id}/webhook-secrets/{secretId} | token | token | token | 204  | inactive | expired | token
        POST /api/v1/merchants/{id}/report-files   | token     | token | token     | 201       | inactive | expired | token
        GET /api/v1/admin/report-files             | token     | token | token     | 200       | inactive | expired | token
        GET /api/v1/admin/report-files/{id}        | token     | token | token     | 200       | inactive | expired | token
        GET /api/v1/admin/report-files/{id}/errors | token     | token | token     | 200       | inactive | expired | token
        POST /api/v1/admin/report-files/{id}/confirmation | token     | token | token     | 200       | inactive | expired | token
        GET /api/v1/admin/reports                  | token     | token | token     | 200       | inactive | expired | token
        GET /api/v1/admin/reports/unclaimed        | token     | token | token     | 200       | inactive | expired | token
        GET /api/v1/admin/cases                    | token     | token | token     | 200       | inactive | expired | token
        GET /api/v1/admin/cases/{id}               | token     | token | token     | 200       | inactive | expired | token
        POST /api/v1/admin/cases/{id}/decision     | token     | token | token     | 200       | inactive | expired | token
        GET /api/v1/admin/audit-logs               | token     | token | token     | 200       | inactive | expired | token
        GET /api/v1/system/status                  | token     | token | token     | 200       | inactive | expired | token
        """;

    private static readonly Dictionary<string, (int Status, string Code)> Refusals = new()
    {
        ["token"] = (401, "INVALID_TOKEN"),
        ["inactive"] = (401, "USER_INACTIVE"),
        ["expired"] = (401, "EXPIRED_TOKEN"),
        ["forbidden"] = (403, "FORBIDDEN"),
        ["not yours"] = (401, "INVALID_REFRESH_TOKEN"),
        ["poor"] = (409, "INSUFFICIENT_BALANCE"),
    };

    private static readonly Dictionary<string, string[]> Rows = Table
        .Split('\n')
        .Skip(1)
        .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
        .ToDictionary(cells => cells[0], cells => cells[1..]);

    public static IEnumerable<object[]> Routes => Rows.Keys.Select(it => new object[] { it });

    /// <summary>Those that want to know who asks.</summary>
    public static IEnumerable<object[]> ClosedRoutes =>
        Rows.Where(it => it.Value[0] == "token").Select(it => new object[] { it.Key });

    /// <summary>Whether users may call the route; else it is for administrators.</summary>
    public static bool IsForUsers(string route) => !Refusals.ContainsKey(Rows[route][1]);

    [Fact]
    public void Every_route_is_in_the_matrix() =>
        MappedRoutes.ExpectEntries(platform.Server, Rows.Keys, "the authorization matrix");

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Each_caller_gets_what_the_matrix_says(string route)
    {
        ApiClient[] callers =
        [
            platform.Anonymous,
            await platform.AsAsync(route, platform.User),
            await platform.AsAsync(route, platform.Other),
            await platform.AsAsync(route, platform.Admin),
            platform.Inactive.Api,
            platform.Server.With(platform.ExpiredToken),
            platform.Server.With(platform.User.RefreshToken),
        ];
        Assert.Equal(callers.Length, Rows[route].Length);

        foreach (var (caller, cell) in callers.Zip(Rows[route]))
        {
            var request = await platform.RequestAsync(route);
            if (!Refusals.TryGetValue(cell, out var refusal))
            {
                (await request.SendAsync(caller)).Expect(int.Parse(cell));
            }
            else if (cell is "token" or "inactive" or "expired")
            {
                // Who is asking is looked at before what is asked.
                var answer = await request.SendAsync(caller, body: "{}");
                answer.Expect(refusal.Status, refusal.Code);
                Assert.Equal("Bearer", answer.Headers["WWW-Authenticate"]);
            }
            else
            {
                (await request.SendAsync(caller)).Expect(refusal.Status, refusal.Code);
            }
        }
    }

    [Theory]
    [MemberData(nameof(ClosedRoutes))]
    public async Task A_forged_token_opens_no_route(string route)
    {
        var request = await platform.RequestAsync(route);
        foreach (var (name, token) in ForgedTokens.Of(platform.Admin))
        {
            var answer = await request.SendAsync(platform.Server.With(token));
            Assert.True(
                answer.Status == 401 && answer["error.code"].GetString() == "INVALID_TOKEN",
                $"{name}: {answer}"
            );
        }
    }
}
