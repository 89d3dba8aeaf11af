using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net.Sockets;
using System.Text;
using ClickNBack.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace ClickNBack.Tests.Integration;

/// <summary>
/// What a client does to its own request is never counted or logged as an error of ours: releases are judged, and people
/// woken, by those.
/// </summary>
public sealed class BrokenRequestTests : IAsyncLifetime
{
    private const string Route = "/api/v1/users/me/payouts/";

    private readonly ConcurrentBag<int> _measured = [];
    private readonly MeterListener _listener = new();
    private TestDatabase _database = null!;
    private ApiServer _server = null!;

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        _server = await ApiServer.StartAsync(_database);
        var meters = _server.Services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == meters && instrument.Name == "http.server.request.duration")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>(
            (_, _, tags, _) =>
            {
                var known = tags.ToArray().ToDictionary();
                if (known.GetValueOrDefault("http.route") is Route)
                {
                    _measured.Add((int)known["http.response.status_code"]!);
                }
            }
        );
        _listener.Start();
    }

    public async Task DisposeAsync()
    {
        _listener.Dispose();
        await _server.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Theory]
    [InlineData("an upload that is cut short", "Content-Length: 100\r\n\r\n{", Ending.Close)]
    [InlineData("an upload that is reset", "Content-Length: 100\r\n\r\n{", Ending.Reset)]
    [InlineData("an upload that never begins", "Content-Length: 100\r\n\r\n", Ending.Close)]
    [InlineData("a chunk that is cut short", "Transfer-Encoding: chunked\r\n\r\n10\r\n{", Ending.Close)]
    [InlineData("a chunk that is reset", "Transfer-Encoding: chunked\r\n\r\n10\r\n{", Ending.Reset)]
    [InlineData("a chunk of no size", "Transfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n", Ending.None)]
    [InlineData("a chunk of a negative size", "Transfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n", Ending.None)]
    [InlineData("a chunk without its end", "Transfer-Encoding: chunked\r\n\r\n2\r\n{}XX0\r\n\r\n", Ending.None)]
    [InlineData("a body that is too large", "Content-Length: 70000\r\n\r\n{", Ending.None)]
    public async Task What_a_client_does_to_its_upload_is_no_error_of_ours(string what, string rest, Ending ending)
    {
        var user = await _server.UserAsync();
        var request =
            "POST /api/v1/users/me/payouts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            + $"Authorization: Bearer {user.Api.AccessToken}\r\n{rest}";

        await BreakAsync(_server.Address, request, ending);

        await Until.TrueAsync(() => !_measured.IsEmpty, $"{what} is measured");
        Assert.InRange(Assert.Single(_measured), 400, 499);
        Assert.Empty(_server.ErrorLines);
        var line = Assert.Single(
            _server.LogLines,
            it => it.StartsWith("POST /api/v1/users/me/payouts", StringComparison.Ordinal)
        );
        Assert.Matches(" answered 4[0-9]{2} in ", line);
    }

    [Theory]
    [InlineData("/api/v1/offers/", 401)]
    [InlineData("/API/v1/offers/", 401)]
    [InlineData("/api/V1/OFFERS", 401)]
    [InlineData("/%61pi/v1/offers/", 401)]
    [InlineData("/api/v1/nothing", 404)]
    [InlineData("/nothing", 404)]
    [InlineData("/openapi.json", 200)]
    public async Task Every_request_has_its_line_in_the_log_however_its_path_is_spelled(string path, int status)
    {
        Assert.Equal(status, (await _server.Anonymous.GetAsync(path)).Status);

        await Until.TrueAsync(
            () => _server.LogLines.Any(it => it.Contains($" answered {status} in ", StringComparison.Ordinal)),
            $"{path} is logged"
        );
    }

    [Theory]
    [InlineData("/ready")]
    [InlineData("/READY")]
    [InlineData("/health")]
    [InlineData("/api/v1/health")]
    public async Task Probes_are_not_logged(string path)
    {
        (await _server.Anonymous.GetAsync(path)).Expect(200);
        (await _server.Anonymous.GetAsync("/last")).Expect(404);

        await Until.TrueAsync(
            () => _server.LogLines.Any(it => it.StartsWith("GET /last", StringComparison.Ordinal)),
            "the last one is logged"
        );
        Assert.DoesNotContain(_server.LogLines, it => it.StartsWith($"GET {path}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Idempotency-Key: caf\u00e9", 422)]
    [InlineData("Idempotency-Key: \u0080", 422)]
    [InlineData("Idempotency-Key: \xff\xfe", 422)]
    [InlineData("X-Anything: \u00c3\u0028", 422)]
    [InlineData("Origin: https://\u00ff", 422)]
    public async Task A_header_of_any_bytes_is_answered_in_the_envelope(string header, int status)
    {
        var user = await _server.UserAsync();
        var answer = await RawHttp.SendAsync(
            _server.Address,
            "POST /api/v1/users/me/payouts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + $"Authorization: Bearer {user.Api.AccessToken}\r\nContent-Length: 2\r\n{header}\r\n\r\n{{}}"
        );

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Contains("\"VALIDATION_ERROR\"", answer);
        Assert.Empty(_server.ErrorLines);
    }

    public enum Ending
    {
        /// <summary>The client stays and waits for the answer.</summary>
        None,

        /// <summary>The client goes away.</summary>
        Close,

        /// <summary>The client's machine cuts the connection.</summary>
        Reset,
    }

    private static async Task BreakAsync(Uri address, string request, Ending ending)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        if (ending == Ending.None)
        {
            var buffer = new byte[8192];
            var read = await client.GetStream().ReadAsync(buffer);
            Assert.Contains("{\"error\":{", Encoding.UTF8.GetString(buffer, 0, read));
            return;
        }

        client.LingerState = new LingerOption(ending == Ending.Reset, 0);
    }
}
