using System.Net.Http.Headers;
using System.Text;
using ClickNBack.Api.Http;
using ClickNBack.Api.Purchases;
using ClickNBack.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace ClickNBack.Tests.Integration;

public sealed class EnvelopeTests(Platform platform) : IClassFixture<Platform>
{
    private ApiClient Anybody => platform.Server.Anonymous;

    [Theory]
    [InlineData("/")]
    [InlineData("/api/v1/nothing")]
    [InlineData("/api/v2/users/me")]
    [InlineData("/api/v1/purchases/1/2/3")]
    public async Task An_unknown_route_is_not_found(string path)
    {
        (await Anybody.GetAsync(path)).Expect(404, "NOT_FOUND");
    }

    [Theory]
    [InlineData("PUT", "/api/v1/users/me")]
    [InlineData("GET", "/api/v1/auth/login")]
    [InlineData("PUT", "/api/v1/purchases/")]
    [InlineData("TRACE", "/api/v1/offers/")]
    public async Task A_method_the_route_does_not_have_is_refused(string method, string path)
    {
        (await platform.Admin.Api.SendAsync(new HttpMethod(method), path)).Expect(405, "METHOD_NOT_ALLOWED");
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/xml")]
    [InlineData("application/jsonx")]
    public async Task A_body_that_is_not_json_by_its_type_is_refused(string type)
    {
        var answer = await Anybody.SendTextAsync(
            HttpMethod.Post,
            "/api/v1/auth/login",
            """{"email":"a@clicknback.test","password":"x"}""",
            type
        );

        answer.Expect(415, "UNSUPPORTED_MEDIA_TYPE");
    }

    [Theory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("APPLICATION/JSON")]
    [InlineData("Application/Json;v=1")]
    public async Task Jsons_type_may_be_written_in_any_case_and_with_parameters(string type)
    {
        var answer = await Anybody.SendTextAsync(
            HttpMethod.Post,
            "/api/v1/auth/login",
            """{"email":"a@clicknback.test","password":"x"}""",
            type
        );

        answer.Expect(401, "INVALID_CREDENTIALS");
    }

    [Fact]
    public async Task A_body_without_a_type_is_refused()
    {
        using var content = new ByteArrayContent("{}"u8.ToArray());

        (await Anybody.SendAsync(HttpMethod.Post, "/api/v1/auth/login", content)).Expect(415, "UNSUPPORTED_MEDIA_TYPE");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("invalid")]
    [InlineData("""{"email":"a@clicknback.test",}""")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    public async Task A_body_that_is_no_json_object_is_refused_as_a_whole(string body)
    {
        var answer = await Anybody.SendTextAsync(HttpMethod.Post, "/api/v1/auth/login", body);

        answer.Expect(422, "VALIDATION_ERROR");
        Assert.Equal("body", answer["error.details.violations.0.field"].GetString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_larger_than_64_kib_is_refused(bool chunked)
    {
        using var content = new StringContent(new string(' ', RequestLimits.MaxBodyBytes + 1), Encoding.UTF8);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        (string, string)[] headers = chunked ? [("Transfer-Encoding", "chunked")] : [];

        (await Anybody.SendAsync(HttpMethod.Post, "/api/v1/auth/login", content, headers)).Expect(
            413,
            "PAYLOAD_TOO_LARGE"
        );
    }

    [Theory]
    [InlineData("65537")]
    [InlineData("1000000000")]
    [InlineData("2147483647")]
    [InlineData("2147483648")]
    [InlineData("9223372036854775807")]
    public async Task A_body_that_only_claims_to_be_large_is_refused_before_any_memory_is_spent_on_it(string length)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);

        var answer = await RawAsync(
            $"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        );

        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Contains("\"PAYLOAD_TOO_LARGE\"", answer);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 900_000_000);
    }

    [Theory]
    [InlineData(400, "GET /api/v1/offers/%00 HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData(400, "invalid\r\n\r\n")]
    [InlineData(400, "GET /api/v1/offers/ HTTP/1.1\r\n\r\n")]
    [InlineData(400, "GET /api/v1/offers/ HTTP/1.1\r\nHost: x\r\nX: \0\r\n\r\n")]
    [InlineData(414, "GET /{0} HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData(431, "GET / HTTP/1.1\r\nHost: x\r\nX: {0}\r\n\r\n")]
    public async Task What_is_no_http_is_refused_by_the_server_itself_without_the_envelope(int status, string request)
    {
        var answer = await RawAsync(request.Replace("{0}", new string('a', 40_000), StringComparison.Ordinal));

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Length: 0\r\n", answer);
    }

    [Fact]
    public async Task An_unexpected_exception_tells_nothing_but_where_to_look()
    {
        await using var server = await ApiServer.StartAsync(
            platform.Database,
            new ApiSetup { Services = it => it.AddSingleton<VerificationSignal>(_ => throw new UnexpectedException()) }
        );
        var user = await server.UserAsync();

        var answer = await user.TryBuyAsync(await platform.Admin.OpenShopAsync(), 10);

        answer.Expect(500, "INTERNAL_SERVER_ERROR");
        Assert.Equal(["request_id", "timestamp"], answer.Details.EnumerateObject().Select(it => it.Name));
        Assert.DoesNotContain("secret", answer.Text);
    }

    [Fact]
    public async Task Without_its_database_the_api_asks_to_try_again_later()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var server = await ApiServer.StartAsync(database);
        var user = await server.UserAsync();
        await database.RefuseConnectionsAsync();

        var answer = await user.Api.GetAsync("/api/v1/users/me/wallet");

        answer.Expect(503, "SERVICE_UNAVAILABLE");
        Assert.Equal("1", answer.Headers["Retry-After"]);
    }

    private Task<string> RawAsync(string request) => RawHttp.SendAsync(platform.Server.Address, request);

    private sealed class UnexpectedException() : Exception("a secret of ours");
}
