using System.Net.Http.Headers;
using System.Text;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration;

/// <summary>What broke the original (contract, section 4): always a 4xx with the envelope, and nothing stored.</summary>
public sealed class HostileInputTests(Platform platform) : IClassFixture<Platform>
{
    private static readonly string Long = string.Concat(Enumerable.Range(0, 1000).Select(it => $"{it:x5}"));

    /// <summary>Where a body is read, with one that is right but for the value to come.</summary>
    public static readonly TheoryData<string, string, string> Bodies = new()
    {
        { "POST", "/api/v1/users/", """{"email":"a@clicknback.test","password":VALUE}""" },
        { "POST", "/api/v1/users/", """{"email":VALUE,"password":"Str0ng!Pass"}""" },
        { "POST", "/api/v1/auth/login", """{"email":VALUE,"password":"x"}""" },
        { "POST", "/api/v1/auth/login", """{"email":"a@clicknback.test","password":VALUE}""" },
        { "POST", "/api/v1/auth/refresh", """{"refresh_token":VALUE}""" },
        { "POST", "/api/v1/auth/logout", """{"refresh_token":VALUE}""" },
        { "POST", "/api/v1/merchants/", """{"name":VALUE,"default_cashback_percentage":-1}""" },
        { "POST", "/api/v1/merchants/", """{"name":"","default_cashback_percentage":VALUE}""" },
        { "PATCH", "/api/v1/merchants/ID/status", """{"status":VALUE}""" },
        { "POST", "/api/v1/offers/", Offer("merchant_id") },
        { "POST", "/api/v1/offers/", Offer("cashback_type") },
        { "POST", "/api/v1/offers/", Offer("cashback_value") },
        { "POST", "/api/v1/offers/", Offer("start_date") },
        { "POST", "/api/v1/offers/", Offer("end_date") },
        { "POST", "/api/v1/offers/", Offer("monthly_cap") },
        { "PATCH", "/api/v1/offers/ID/status", """{"status":VALUE}""" },
        { "POST", "/api/v1/purchases/", Purchase("external_id") },
        { "POST", "/api/v1/purchases/", Purchase("user_id") },
        { "POST", "/api/v1/purchases/", Purchase("merchant_id") },
        { "POST", "/api/v1/purchases/", Purchase("amount") },
        { "POST", "/api/v1/purchases/", Purchase("currency") },
        { "POST", "/api/v1/users/me/payouts", """{"amount":VALUE,"method":"card","details":{}}""" },
        { "POST", "/api/v1/users/me/payouts", """{"amount":10,"method":VALUE,"details":{}}""" },
        { "POST", "/api/v1/users/me/payouts", """{"amount":10,"method":"bank_transfer","details":VALUE}""" },
        {
            "POST",
            "/api/v1/users/me/payouts",
            """{"amount":10,"method":"bank_transfer","details":{"iban":VALUE,"account_holder":"x"}}"""
        },
        { "PATCH", "/api/v1/admin/payouts/ID/process", """{"status":VALUE}""" },
        { "PUT", "/api/v1/feature-flags/UPPER", """{"enabled":VALUE}""" },
        { "PUT", "/api/v1/feature-flags/some_key", """{"enabled":"x","scope_type":VALUE}""" },
        { "PUT", "/api/v1/feature-flags/some_key", """{"enabled":true,"scope_type":"user","scope_id":VALUE}""" },
    };

    private static readonly string[] Values =
    [
        "\"a\\u0000b\"",
        "\"\\ud800\"",
        "\"\\udfff x\"",
        "1e999999",
        "-1e999999",
        "1e-999999",
        "123456789012345678901234567890123456789012345678901234567890",
        "\"NaN\"",
        "\"Infinity\"",
        "\"-Infinity\"",
        $"\"{Long}\"",
        "\"\"",
        "\" \"",
        "[]",
        "{}",
        "[[[[[[]]]]]]",
        "\"'; DROP TABLE users; --\"",
        "\"9999-99-99\"",
        "null",
        "\u0001",
        "NaN",
    ];

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_hostile_value_in_a_body_is_refused(string method, string path, string body)
    {
        var before = await platform.Database.RowCountsAsync();

        foreach (var value in Values)
        {
            var answer = await platform.Admin.Api.SendTextAsync(
                new HttpMethod(method),
                path.Replace("ID", Guid.Empty.ToString()),
                body.Replace("VALUE", value).Replace("ME", platform.Admin.Id.ToString())
            );

            ExpectRefusal(answer, value);
        }

        Assert.Equal(before, await platform.Database.RowCountsAsync());
    }

    [Theory]
    [InlineData("/api/v1/purchases/", "status,user_id,merchant_id,start_date,end_date,offset,limit")]
    [InlineData("/api/v1/users/me/purchases", "status,offset,limit")]
    [InlineData("/api/v1/users/me/wallet/transactions", "offset,limit")]
    [InlineData("/api/v1/merchants/", "active,offset,limit")]
    [InlineData("/api/v1/offers/", "status,merchant_id,date_from,date_to,offset,limit")]
    [InlineData("/api/v1/offers/active", "offset,limit")]
    [InlineData("/api/v1/users/me/payouts", "status,offset,limit")]
    [InlineData("/api/v1/admin/payouts", "status,offset,limit")]
    [InlineData("/api/v1/feature-flags", "key,scope_type,scope_id,offset,limit")]
    [InlineData("/api/v1/admin/audit-logs", "actor_id,action,resource_type,resource_id,from,to,offset,limit")]
    public async Task A_hostile_filter_breaks_nothing(string path, string parameters)
    {
        string[] values =
        [
            "%00",
            "a%00b",
            "%ED%A0%80",
            "%FF%FE",
            "99999999999999999999999999",
            "-1",
            "1e999999",
            "NaN",
            Long,
            "9999-12-31",
            "0001-01-01",
            "10000-01-01",
            "%27%3B%20DROP%20TABLE%20users%3B--",
            "%20",
            "",
        ];

        foreach (var query in parameters.Split(',').SelectMany(name => values.Select(value => $"{name}={value}")))
        {
            var answer = await platform.Admin.Api.GetAsync($"{path}?{query}");

            Assert.True(answer.Status is 200 or (>= 400 and < 500), $"{query[..Math.Min(60, query.Length)]}: {answer}");
            if (answer.Status != 200)
            {
                answer.ExpectEnvelope();
            }
        }
    }

    [Theory]
    [InlineData("GET", "/api/v1/offers/ID")]
    [InlineData("GET", "/api/v1/purchases/ID")]
    [InlineData("POST", "/api/v1/purchases/ID/confirmation")]
    [InlineData("PATCH", "/api/v1/purchases/ID/reverse")]
    [InlineData("GET", "/api/v1/feature-flags/ID/evaluate?scope_type=gone")]
    public async Task A_hostile_identifier_in_a_path_is_refused(string method, string path)
    {
        foreach (var id in new[] { "%ED%A0%80", "%FF", "..%2F..", "%27%3B--", "-1", Long, "%20", "%E2%80%AE", "a%0Ab" })
        {
            var answer = await platform.Admin.Api.SendAsync(new HttpMethod(method), path.Replace("ID", id));

            ExpectRefusal(answer, id);
        }
    }

    [Fact]
    public async Task Deep_nesting_is_refused()
    {
        foreach (var depth in new[] { 65, 30_000 })
        {
            var nested = new string('[', depth) + new string(']', depth);

            ExpectRefusal(await LoginAsync(Encoding.UTF8.GetBytes($$"""{"email":{{nested}}}""")), nested[..20]);
            ExpectRefusal(await LoginAsync(Encoding.UTF8.GetBytes(nested)), nested[..20]);
        }
    }

    [Fact]
    public async Task Bytes_that_are_no_utf8_are_refused()
    {
        byte[][] bodies =
        [
            [0xff, 0xfe, 0x7b, 0x00],
            [.. "{\"email\":\""u8, 0xc3, 0x28, .. "\",\"password\":\"x\"}"u8],
            [.. "{\"email\":\""u8, 0xed, 0xa0, 0x80, .. "\",\"password\":\"x\"}"u8],
            [.. "{\"email\":\"a@clicknback.test\",\"password\":\""u8, 0xff, .. "\"}"u8],
            [.. "{\""u8, 0xff, .. "\":1}"u8],
            [0x00],
        ];

        foreach (var body in bodies)
        {
            ExpectRefusal(await LoginAsync(body), Convert.ToHexString(body));
        }
    }

    [Fact]
    public async Task A_field_given_twice_breaks_nothing()
    {
        var answer = await LoginAsync("""{"email":"a@clicknback.test","email":[],"password":"x"}"""u8.ToArray());

        ExpectRefusal(answer, "email");
    }

    [Fact]
    public async Task Hostile_headers_break_nothing()
    {
        (string, string)[] headers =
        [
            ("Authorization", "Bearer " + new string('a', 20_000)),
            ("Idempotency-Key", new string('k', 10_000)),
            ("Origin", "null"),
            ("Accept", "text/nonsense"),
            ("Accept-Encoding", "nonsense"),
        ];

        foreach (var (name, value) in headers)
        {
            var answer = await platform.Server.Anonymous.SendAsync(
                HttpMethod.Get,
                "/api/v1/users/me",
                null,
                (name, value)
            );

            ExpectRefusal(answer, name);
        }
    }

    private async Task<Answer> LoginAsync(byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return await platform.Server.Anonymous.SendAsync(HttpMethod.Post, "/api/v1/auth/login", content);
    }

    private static void ExpectRefusal(Answer answer, string what)
    {
        Assert.True(answer.Status is >= 400 and < 500, $"{what[..Math.Min(60, what.Length)]}: {answer}");
        answer.ExpectEnvelope();
    }

    private static string Offer(string field) =>
        Spoiled(
            """{"merchant_id":"00000000-0000-0000-0000-000000000001","cashback_type":"percent","cashback_value":5,"start_date":"2100-01-01","end_date":"2100-01-01","monthly_cap":10}""",
            field
        );

    private static string Purchase(string field) =>
        Spoiled(
            """{"external_id":"x","user_id":"ME","merchant_id":"00000000-0000-0000-0000-000000000001","amount":5,"currency":"EUR"}""",
            field
        );

    // With VALUE in place of the field's value.
    private static string Spoiled(string body, string field)
    {
        var start = body.IndexOf($"\"{field}\":", StringComparison.Ordinal) + field.Length + 3;
        var end = body.IndexOfAny([',', '}'], start);
        return body[..start] + "VALUE" + body[end..];
    }
}
