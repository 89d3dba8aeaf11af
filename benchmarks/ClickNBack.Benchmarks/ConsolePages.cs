using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;

namespace ClickNBack.Benchmarks;

/// <summary>What a page of the console costs.</summary>
/// <param name="Page">What it shows.</param>
/// <param name="Milliseconds">Until its last byte, the median of several, of the first, the middle and the last page.</param>
/// <param name="Longest">Of the same the longest in PostgreSQL, milliseconds.</param>
/// <param name="Scanned">The large tables that are read from end to end for it.</param>
internal sealed record PageCost(
    string Page,
    IReadOnlyList<double> Milliseconds,
    double Longest,
    IReadOnlyList<string> Scanned
);

/// <summary>Opens every page of the console, and every list with every filter, as an administrator who is signed in.</summary>
internal sealed class ConsolePages : IDisposable
{
    private const int Repetitions = 7;
    private const int UntilPrepared = 12; // as many executions as Npgsql and PostgreSQL take to settle on a plan
    private const string Email = "console@example.com";
    private const string TokenField = "__RequestVerificationToken";

    private static readonly string Secret = $"Aa1!{RandomNumberGenerator.GetHexString(16)}";

    private readonly HttpClient _http;
    private readonly Dictionary<string, string> _cookies = new(StringComparer.Ordinal);

    private ConsolePages(Uri server) =>
        _http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false })
        {
            BaseAddress = server,
        };

    /// <summary>Fills what the console shows besides, and measures.</summary>
    public static async Task<IReadOnlyList<PageCost>> MeasureAsync(BenchmarkEnvironment environment)
    {
        await environment.ExecuteAsync(await Resources.TextAsync("Console.sql"));
        await environment.ExecuteAsync("VACUUM ANALYZE");
        var large = await Plans.LargeTablesAsync(environment.Owner);
        var pages = new List<(string Name, IReadOnlyList<string> Addresses)>();
        foreach (var (name, path, places) in Listed)
        {
            pages.Add((name, await AddressesAsync(environment, path, places)));
        }

        var times = await TimeAsync(environment, pages.SelectMany(it => it.Addresses));
        var plans = await ExplainAsync(environment, pages.SelectMany(it => it.Addresses), large);
        return
        [
            .. pages.Select(page => new PageCost(
                page.Name,
                [.. page.Addresses.Select(it => times[it])],
                page.Addresses.Max(it => plans[it].Sum(one => one.Milliseconds)),
                [
                    .. page
                        .Addresses.SelectMany(it => plans[it])
                        .SelectMany(it => it.Scanned)
                        .Distinct(StringComparer.Ordinal),
                ]
            )),
        ];
    }

    public void Dispose() => _http.Dispose();

    // Each page's name, its address, and, for one that is paged, the keys of its rows in their order.
    private static readonly (string Name, string Path, string? Keys)[] Listed =
    [
        ("overview", "", null),
        ("cases", "/cases", Keys("cases", "opened_at", "decided_at IS NULL", ascending: true)),
        ("case", "/cases/{SELECT id FROM cases WHERE decided_at IS NULL LIMIT 1}", null),
        ("purchases", "/purchases", Keys("purchases", "created_at")),
        .. Statuses(["pending", "confirmed", "rejected", "reversed"], "purchases", "purchases", "created_at"),
        (
            "purchases: merchant who sold most",
            "/purchases?merchant={SELECT name FROM merchants WHERE id = (" + MostSold + ")}",
            Keys("purchases", "created_at", $"merchant_id = ({MostSold})")
        ),
        (
            "purchases: the same, reversed",
            "/purchases?status=reversed&merchant={SELECT name FROM merchants WHERE id = (" + MostSold + ")}",
            Keys("purchases", "created_at", $"status = 'reversed' AND merchant_id = ({MostSold})")
        ),
        ("purchases: merchant without any", "/purchases?merchant=Shop%201", null),
        (
            "purchases: user who bought most",
            "/purchases?user={SELECT email FROM users WHERE id = (" + MostBought + ")}",
            Keys("purchases", "created_at", $"user_id = ({MostBought})")
        ),
        (
            "purchases: the same, rejected",
            "/purchases?status=rejected&user={SELECT email FROM users WHERE id = (" + MostBought + ")}",
            Keys("purchases", "created_at", $"status = 'rejected' AND user_id = ({MostBought})")
        ),
        (
            "purchases: that user at a merchant without any",
            "/purchases?merchant=Shop%201&user={SELECT email FROM users WHERE id = (" + MostBought + ")}",
            null
        ),
        ("purchases: user without any", "/purchases?user=console%40example.com", null),
        ("purchases: reference", "/purchases?reference=txn_5", null),
        (
            "purchases: day",
            "/purchases?day={SELECT current_date - 100}",
            Keys("purchases", "created_at", "created_at >= current_date - 100 AND created_at < current_date - 99")
        ),
        ("purchases: day without any", "/purchases?day=2020-01-01", null),
        ("purchases: day and status", "/purchases?status=reversed&day={SELECT current_date - 100}", null),
        (
            "purchases: day without any of that status",
            "/purchases?status=pending&day={SELECT current_date - 100}",
            null
        ),
        (
            "purchases: day and merchant",
            "/purchases?day={SELECT current_date - 100}&merchant={SELECT name FROM merchants WHERE id = ("
                + MostSold
                + ")}",
            null
        ),
        ("purchase", "/purchases/{SELECT id FROM purchases WHERE status = 'reversed' LIMIT 1}", null),
        ("reports", "/reports", "SELECT id FROM reports ORDER BY id DESC"),
        (
            "reports: unclaimed",
            "/reports/unclaimed",
            "SELECT id FROM reported_transactions WHERE state = 'unclaimed' ORDER BY id DESC"
        ),
        ("report files", "/reports/files", "SELECT id FROM report_files ORDER BY id DESC"),
        (
            "report file of 100,000 lines",
            "/reports/files/{SELECT id FROM report_files WHERE name = 'largest.csv'}",
            null
        ),
        ("upload a file", "/reports/files/new", null),
        .. Statuses(["requested", "processing"], "payouts", "payouts", "requested_at", ascending: true),
        .. Statuses(["completed", "failed"], "payouts", "payouts", "requested_at"),
        ("payout", "/payouts/{SELECT id FROM payouts WHERE status = 'completed' LIMIT 1}", null),
        ("batches", "/payouts/batches", Keys("payout_exports", "created_at")),
        ("batch of 1,000", "/payouts/batches/{SELECT id FROM payout_exports ORDER BY created_at DESC LIMIT 1}", null),
        ("users", "/users", "SELECT normalized_email FROM users ORDER BY normalized_email"),
        (
            "users: beginning",
            "/users?email=5",
            "SELECT normalized_email FROM users WHERE normalized_email LIKE '5%' ORDER BY normalized_email"
        ),
        ("user who bought most", "/users/{" + MostBought + "}", null),
        ("merchants", "/merchants", "SELECT name FROM merchants ORDER BY name"),
        (
            "merchants: beginning",
            "/merchants?name=Shop",
            "SELECT name FROM merchants WHERE name LIKE 'Shop%' ORDER BY name"
        ),
        ("merchant", "/merchants/{" + MostSold + "}", null),
        ("offers", "/offers", Keys("offers", "created_at")),
        ("offers: active", "/offers?active=true", null),
        ("new offer", "/offers/new?merchant={" + MostSold + "}", null),
        ("feature flags", "/feature-flags", "SELECT key || '.' || id FROM feature_flags ORDER BY key, id"),
        ("ledger", "/ledger", null),
        ("audit", "/audit", Keys("audit_logs", "occurred_at")),
        (
            "audit: common action",
            "/audit?action=CASHBACK_CREDITED",
            Keys("audit_logs", "occurred_at", "action = 'CASHBACK_CREDITED'")
        ),
        (
            "audit: rare action",
            "/audit?action=PURCHASE_REVERSED",
            Keys("audit_logs", "occurred_at", "action = 'PURCHASE_REVERSED'")
        ),
        ("audit: action that never was", "/audit?action=ACCOUNT_ERASED", null),
        (
            "audit: actor",
            "/audit?actor={" + MostBought + "}",
            Keys("audit_logs", "occurred_at", $"actor_id = ({MostBought})")
        ),
        ("audit: actor and action", "/audit?action=WITHDRAWAL_REQUESTED&actor={" + MostBought + "}", null),
        (
            "audit: target",
            "/audit?target={" + MostBought + "}",
            Keys("audit_logs", "occurred_at", $"resource_id = ({MostBought})")
        ),
        ("audit: target and action", "/audit?action=PURCHASE_REVERSED&target={" + MostBought + "}", null),
        (
            "audit: days",
            "/audit?from={SELECT current_date - 100}&to={SELECT current_date - 70}",
            Keys("audit_logs", "occurred_at", "occurred_at >= current_date - 100 AND occurred_at < current_date - 69")
        ),
        (
            "audit: days and rare action",
            "/audit?action=PURCHASE_REVERSED&from={SELECT current_date - 100}&to={SELECT current_date - 70}",
            null
        ),
    ];

    private const string MostSold = "SELECT merchant_id FROM purchases GROUP BY 1 ORDER BY count(*) DESC LIMIT 1";
    private const string MostBought = "SELECT user_id FROM purchases GROUP BY 1 ORDER BY count(*) DESC LIMIT 1";

    private static IEnumerable<(string, string, string?)> Statuses(
        string[] statuses,
        string page,
        string table,
        string at,
        bool ascending = false
    ) =>
        statuses.Select(it =>
            ($"{page}: {it}", $"/{page}?status={it}", (string?)Keys(table, at, $"status = '{it}'", ascending))
        );

    private static string Keys(string table, string at, string where = "true", bool ascending = false)
    {
        var way = ascending ? "" : " DESC";
        return $"SELECT (extract(epoch FROM {at}) * 1000000)::bigint || '.' || id FROM {table} WHERE {where} ORDER BY {at}{way}, id{way}";
    }

    // The first page, the one in the middle and the last one.
    private static async Task<IReadOnlyList<string>> AddressesAsync(
        BenchmarkEnvironment environment,
        string path,
        string? keys
    )
    {
        // What stands in braces, the database answers.
        var parts = path.Replace('}', '{').Split('{');
        for (var i = 1; i < parts.Length; i += 2)
        {
            parts[i] = Uri.EscapeDataString(await environment.ReadAsync<string>($"SELECT ({parts[i]})::text"));
        }

        path = $"/console{string.Concat(parts)}";
        if (keys is null)
        {
            return [path];
        }

        var rows = await environment.ReadAsync<long>($"SELECT count(*) FROM ({keys}) AS it");
        var addresses = new List<string> { path };
        foreach (var place in (long[])[rows / 2, rows - 51])
        {
            var key = await environment.ReadAsync<string>(
                $"SELECT (({keys} OFFSET {Math.Max(0, place)} LIMIT 1))::text"
            );
            addresses.Add($"{path}{(path.Contains('?') ? '&' : '?')}after={Uri.EscapeDataString(key)}");
        }

        return addresses;
    }

    private static async Task<Dictionary<string, double>> TimeAsync(
        BenchmarkEnvironment environment,
        IEnumerable<string> addresses
    )
    {
        await using var api = await environment.StartApiAsync("console-api");
        using var console = new ConsolePages(api.Address);
        await console.SignInAsync(environment);
        var times = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var address in addresses)
        {
            await console.OpenAsync(address, UntilPrepared);
            var taken = new List<double>();
            for (var i = 0; i < Repetitions; i++)
            {
                var start = Stopwatch.GetTimestamp();
                await console.OpenAsync(address, 1);
                taken.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            times[address] = Figures.Median(taken);
        }

        return times;
    }

    private static async Task<Dictionary<string, List<Plan>>> ExplainAsync(
        BenchmarkEnvironment environment,
        IEnumerable<string> addresses,
        HashSet<string> large
    )
    {
        await environment.LogPlansAsync(on: true);
        await using var api = await environment.StartApiAsync("explained-console");
        using var console = new ConsolePages(api.Address);
        await console.SignInAsync(environment);
        var plans = new Dictionary<string, List<Plan>>(StringComparer.Ordinal);
        foreach (var address in addresses)
        {
            var log = await environment.StatementsOfAsync(() => console.OpenAsync(address, UntilPrepared));
            plans[address] = [.. Plans.Read(log, large)];
        }

        await environment.LogPlansAsync(on: false);
        return plans;
    }

    private async Task SignInAsync(BenchmarkEnvironment environment)
    {
        // Made by the first that signs in.
        using var account = await _http.PostAsJsonAsync("/api/v1/users/", new { email = Email, password = Secret });
        await environment.ExecuteAsync($"UPDATE users SET role = 'admin' WHERE email = '{Email}'");

        var page = await SendAsync(HttpMethod.Get, "/console/sign-in");
        var token = page.Body.Split($"name=\"{TokenField}\" value=\"")[1].Split('"')[0];
        var form = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["email"] = Email,
            ["password"] = Secret,
            [TokenField] = token,
        };
        if (await SendAsync(HttpMethod.Post, "/console/sign-in", form) is not { Status: HttpStatusCode.Found })
        {
            throw new InvalidOperationException("Nobody can sign in to the console.");
        }
    }

    private async Task OpenAsync(string address, int times)
    {
        for (var i = 0; i < times; i++)
        {
            var answer = await SendAsync(HttpMethod.Get, address);
            if (answer.Status != HttpStatusCode.OK)
            {
                throw new InvalidOperationException($"{address} answered {(int)answer.Status}: {answer.Body}");
            }
        }
    }

    private async Task<(HttpStatusCode Status, string Body)> SendAsync(
        HttpMethod method,
        string address,
        Dictionary<string, string>? form = null
    )
    {
        using var request = new HttpRequestMessage(method, address);
        request.Headers.TryAddWithoutValidation(
            "Cookie",
            string.Join("; ", _cookies.Select(it => $"{it.Key}={it.Value}"))
        );
        request.Content = form is null ? null : new FormUrlEncodedContent(form);
        using var answer = await _http.SendAsync(request);
        foreach (var cookie in answer.Headers.TryGetValues("Set-Cookie", out var set) ? set : [])
        {
            var (name, value) = (cookie[..cookie.IndexOf('=')], cookie.Split(';')[0]);
            _cookies[name] = value[(name.Length + 1)..];
        }

        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
