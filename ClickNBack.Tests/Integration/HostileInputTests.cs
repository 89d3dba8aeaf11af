using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ClickNBack.Tests.Contract;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration;

/// <summary>
/// What broke the original (contract, section 4), in every field that the OpenAPI document names: never a 5xx, always the
/// envelope, and a refusal stores nothing. Everything else of each request is right, so that it gets as far as it can.
/// </summary>
public sealed class HostileInputTests(PopulatedPlatform platform) : IClassFixture<PopulatedPlatform>
{
    private const string Placeholder = "__VALUE__";

    private static readonly int[] Depths = [65, 30_000, 50_000];

    private static readonly string Long = string.Concat(Enumerable.Range(0, 1100).Select(it => $"{it:x5}"));

    public static IEnumerable<object[]> OperationsWithBody => Operations(it => it.BodyFields.Count > 0);

    public static IEnumerable<object[]> OperationsWithQuery => Operations(it => it.QueryParameters.Count > 0);

    public static IEnumerable<object[]> OperationsWithPath => Operations(it => it.PathParameters.Count > 0);

    // Right in no field at all.
    private static readonly string[] Wrong =
    [
        "\"a\\u0000b\"",
        "\"\\ud800\"",
        "\"\\udfff x\"",
        "1e999999",
        "-1e999999",
        "123456789012345678901234567890123456789012345678901234567890",
        "-9223372036854775809",
        "[]",
        "{}",
        "[[[[[[]]]]]]",
        "{\"a\":{\"b\":[]}}",
        "\u0001",
        "\"\u0001\"",
        "NaN",
        "Infinity",
        "",
    ];

    // Right in some fields.
    private static readonly string[] Odd =
    [
        "null",
        "true",
        "0",
        "1e-999999",
        "10000000000",
        "9223372036854775808",
        "\"NaN\"",
        "\"Infinity\"",
        "\"-Infinity\"",
        "\"1e400\"",
        "\"\"",
        "\" \"",
        "\"9999-12-31\"",
        "\"9999-99-99\"",
        "\"'; DROP TABLE users; --\"",
        "\"\\u202e\\ud83d\\ude00\"",
        $"\"{Long}\"",
    ];

    [Theory]
    [MemberData(nameof(OperationsWithBody))]
    public async Task A_hostile_value_in_a_field_of_a_body_breaks_nothing(string route)
    {
        var request = await platform.RequestAsync(route);
        var named = ApiOperations.All[route].BodyFields;
        foreach (var field in named.Union(FieldsOf(request.Body!, prefix: "")))
        {
            await SpoilAsync(request, CallerOf(route), field);
        }
    }

    [Fact]
    public async Task A_hostile_value_in_a_card_breaks_nothing()
    {
        var details = new { card_token = "card_1PqXk2", card_holder = "Somebody" };
        var body = JsonSerializer.SerializeToNode(
            new
            {
                amount = 10,
                method = "card",
                details,
            }
        );
        var request = new RouteRequest("POST", "/api/v1/users/me/payouts", body!.AsObject());

        await SpoilAsync(request, platform.User.Api, "details.card_token");
        await SpoilAsync(request, platform.User.Api, "details.card_holder");
    }

    [Theory]
    [MemberData(nameof(OperationsWithQuery))]
    public async Task A_hostile_parameter_of_a_query_breaks_nothing(string route)
    {
        string[] values =
        [
            "%00",
            "a%00b",
            "%ED%A0%80",
            "%FF%FE",
            "99999999999999999999999999",
            "9223372036854775808",
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
        var request = await platform.RequestAsync(route);
        var path = request.Path.Split('?')[0];
        var before = await platform.Database.RowCountsAsync();

        foreach (var name in ApiOperations.All[route].QueryParameters)
        {
            foreach (var value in values)
            {
                var answer = await (request with { Path = $"{path}?{name}={value}" }).SendAsync(CallerOf(route));

                ExpectNoFailure(answer, $"{name}={value}");
            }
        }

        Assert.Equal(before, await platform.Database.RowCountsAsync());
    }

    [Theory]
    [MemberData(nameof(OperationsWithPath))]
    public async Task A_hostile_identifier_in_a_path_is_refused(string route)
    {
        string[] values =
        [
            "%ED%A0%80",
            "%FF",
            "..%2F..",
            "%27%3B--",
            "-1",
            "99999999999999999999999999",
            "NaN",
            Long,
            "%20",
            "%E2%80%AE",
            "a%0Ab",
            "%7B%7D",
        ];
        var request = await platform.RequestAsync(route);
        var rightPath = request.Path.Split('?')[0];
        var identifier = rightPath.Split('/')[
            Array.FindIndex(route.Split(' ')[1].Split('/'), it => it.StartsWith('{'))
        ];
        var before = await platform.Database.RowCountsAsync();

        foreach (var value in values)
        {
            var answer = await (request with { Path = request.Path.Replace($"/{identifier}", $"/{value}") }).SendAsync(
                CallerOf(route)
            );

            ExpectRefusal(answer, value);
        }

        Assert.Equal(before, await platform.Database.RowCountsAsync());
    }

    [Theory]
    [MemberData(nameof(OperationsWithBody))]
    public async Task A_hostile_body_is_refused_as_a_whole(string route)
    {
        byte[][] bodies =
        [
            [],
            [0x00],
            [0xff, 0xfe, 0x7b, 0x00],
            [.. "{\""u8, 0xff, .. "\":1}"u8],
            [.. "{\"status\":\""u8, 0xc3, 0x28, .. "\"}"u8],
            [.. "{\"email\":\""u8, 0xed, 0xa0, 0x80, .. "\",\"password\":\"x\"}"u8],
            .. Depths.Select(it => Encoding.ASCII.GetBytes(Nested(it))),
            .. Depths.Select(it => Encoding.ASCII.GetBytes($$"""{"email":{{Nested(it)}}}""")),
            new byte[1024 * 1024],
        ];
        string?[] types =
        [
            "text/plain",
            "application/xml",
            "multipart/form-data; boundary=x",
            "application/jsonx",
            null,
        ];
        var request = await platform.RequestAsync(route);
        var right = Encoding.UTF8.GetBytes(request.Body!.ToJsonString());
        var before = await platform.Database.RowCountsAsync();

        foreach (var body in bodies)
        {
            ExpectRefusal(await SendAsync(body, "application/json"), $"{body.Length} bytes");
        }

        foreach (var type in types)
        {
            ExpectRefusal(await SendAsync(right, type), type ?? "no type");
        }

        Assert.Equal(before, await platform.Database.RowCountsAsync());

        async Task<Answer> SendAsync(byte[] body, string? type)
        {
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);

            // A client that asks first is told of a body's size before it sends it.
            (string, string)[] headers = body.Length > 60_000 ? [("Expect", "100-continue")] : [];
            return await CallerOf(route).SendAsync(new HttpMethod(request.Method), request.Path, content, headers);
        }
    }

    [Theory]
    [MemberData(nameof(OperationsWithBody))]
    public async Task Bytes_that_are_no_text_break_nothing_in_any_name_and_any_value(string route)
    {
        byte[][] broken =
        [
            [0x80],
            [0xc3, 0x28],
            [0xed, 0xa0, 0x80],
            [0xff],
            [.. "\\ud800"u8],
            [.. "\\udfff"u8],
        ];
        var request = await platform.RequestAsync(route);
        var before = await platform.Database.RowCountsAsync();
        foreach (var field in ApiOperations.All[route].BodyFields.Union(FieldsOf(request.Body!, prefix: "")))
        {
            var body = request.Body!.DeepClone().AsObject();
            Replace(body, field.Split('.'));
            var asValue = body.ToJsonString();
            var name = field.Split('.')[^1];
            var asName = asValue.Replace($"\"{name}\":\"{Placeholder}\"", $"\"{name[..2]}{Placeholder}\":1");
            foreach (var bytes in broken)
            {
                foreach (var around in new[] { "{0}", "10 {0}", "{0}10" })
                {
                    ExpectRefusal(await SendAsync(asValue, around, bytes), $"a value of {field}");
                    ExpectRefusal(await SendAsync(asName, around, bytes), $"a name beside {field}");
                }
            }
        }

        Assert.Equal(before, await platform.Database.RowCountsAsync());

        async Task<Answer> SendAsync(string body, string around, byte[] bytes)
        {
            var parts = body.Split(Placeholder);
            var texts = around.Split("{0}");
            using var content = new ByteArrayContent([
                .. Encoding.UTF8.GetBytes(parts[0] + texts[0]),
                .. bytes,
                .. Encoding.UTF8.GetBytes(texts[1] + parts[1]),
            ]);
            content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/json");
            return await CallerOf(route).SendAsync(new HttpMethod(request.Method), request.Path, content);
        }
    }

    [Fact]
    public async Task A_field_given_twice_breaks_nothing()
    {
        var answer = await platform.Anonymous.SendTextAsync(
            HttpMethod.Post,
            "/api/v1/auth/login",
            """{"email":"a@clicknback.test","email":[],"password":"x"}"""
        );

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
            ("Accept", "text/invalid"),
            ("Accept-Encoding", "invalid"),
        ];

        foreach (var header in headers)
        {
            ExpectRefusal(
                await platform.Anonymous.SendAsync(HttpMethod.Get, "/api/v1/users/me", null, header),
                header.Item1
            );
        }
    }

    private async Task SpoilAsync(RouteRequest request, ApiClient caller, string field)
    {
        var body = request.Body!.DeepClone().AsObject();
        Replace(body, field.Split('.'));
        var text = body.ToJsonString();
        var before = await platform.Database.RowCountsAsync();
        foreach (var value in Wrong)
        {
            ExpectRefusal(await SendAsync(value), $"{field}={value}");
        }

        Assert.Equal(before, await platform.Database.RowCountsAsync());
        var refused = true;
        foreach (var value in Odd)
        {
            var answer = await SendAsync(value);
            ExpectNoFailure(answer, $"{field}={value}");
            refused &= answer.Status >= 400;
        }

        if (refused)
        {
            Assert.Equal(before, await platform.Database.RowCountsAsync());
        }

        Task<Answer> SendAsync(string value) => request.SendAsync(caller, text.Replace($"\"{Placeholder}\"", value));
    }

    private static void Replace(JsonObject body, ReadOnlySpan<string> path)
    {
        if (path.Length == 1)
        {
            body[path[0]] = Placeholder;
            return;
        }

        if (body[path[0]] is not JsonObject)
        {
            body[path[0]] = new JsonObject();
        }

        Replace(body[path[0]]!.AsObject(), path[1..]);
    }

    private static IEnumerable<string> FieldsOf(JsonObject body, string prefix) =>
        body.SelectMany(it =>
            it.Value is JsonObject inner
                ? FieldsOf(inner, $"{prefix}{it.Key}.").Prepend(prefix + it.Key)
                : [prefix + it.Key]
        );

    private ApiClient CallerOf(string route) =>
        AuthorizationMatrixTests.IsForUsers(route) ? platform.User.Api : platform.Admin.Api;

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);

    private static IEnumerable<object[]> Operations(Func<ApiOperation, bool> filter) =>
        ApiOperations.All.Values.Where(filter).Select(it => new object[] { it.Route });

    private static void ExpectRefusal(Answer answer, string what)
    {
        Assert.True(answer.Status >= 400, $"{Start(what)}: {answer}");
        ExpectNoFailure(answer, what);
    }

    private static void ExpectNoFailure(Answer answer, string what)
    {
        Assert.True(answer.Status is 200 or 201 or 204 or (>= 400 and < 500), $"{Start(what)}: {answer}");
        if (answer.Status >= 400)
        {
            answer.ExpectEnvelope();
        }
    }

    private static string Start(string text) => text[..Math.Min(60, text.Length)];
}
