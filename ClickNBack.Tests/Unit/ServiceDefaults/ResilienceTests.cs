using System.Net;
using System.Net.Http.Json;
using ClickNBack.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace ClickNBack.Tests.Unit.ServiceDefaults;

public sealed class ResilienceTests
{
    private readonly ManualClock _clock = new();

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    [InlineData("OPTIONS")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task A_transient_failure_of_an_idempotent_request_is_retried(string method)
    {
        var server = new Server((attempt, _) => Answer(attempt < 3 ? 503 : 200));
        using var request = new HttpRequestMessage(new HttpMethod(method), "http://shop.test/");

        using var response = await SendAsync(server, request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(3, server.Attempts);
    }

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(504)]
    public async Task After_the_last_attempt_the_answer_is_the_callers(int status)
    {
        var server = new Server((_, _) => Answer(status));
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://shop.test/");

        using var response = await SendAsync(server, request);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(4, server.Attempts);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(404)]
    [InlineData(409)]
    public async Task An_answer_that_would_not_change_is_not_asked_for_again(int status)
    {
        var server = new Server((_, _) => Answer(status));
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://shop.test/");

        using var response = await SendAsync(server, request);

        Assert.Equal(1, server.Attempts);
    }

    [Fact]
    public async Task A_broken_connection_is_retried()
    {
        var server = new Server(
            (attempt, _) => attempt == 1 ? throw new HttpRequestException("connection reset") : Answer(200)
        );
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://shop.test/");

        using var response = await SendAsync(server, request);

        Assert.Equal(2, server.Attempts);
    }

    [Fact]
    public async Task A_post_is_sent_once()
    {
        var server = new Server((_, _) => Answer(503));
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://shop.test/");

        using var response = await SendAsync(server, request);

        Assert.Equal(1, server.Attempts);
    }

    [Theory]
    [InlineData("json")]
    [InlineData("text")]
    [InlineData("stream")]
    public async Task A_post_with_an_idempotency_key_is_retried_with_the_same_content(string kind)
    {
        var server = new Server((attempt, _) => Answer(attempt < 3 ? 503 : 200));
        using HttpContent content = kind switch
        {
            "json" => JsonContent.Create(7),
            "text" => new StringContent("7"),
            _ => new StreamContent(new MemoryStream("7"u8.ToArray())),
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://shop.test/") { Content = content };
        request.Headers.Add("Idempotency-Key", "k");

        using var response = await SendAsync(server, request);

        Assert.Equal(["7", "7", "7"], server.Bodies);
    }

    [Fact]
    public async Task Content_that_can_be_read_once_only_is_sent_once()
    {
        var server = new Server((_, _) => Answer(503));
        using var stream = new MemoryStream(new byte[2 * 1024 * 1024]);
        using var content = new StreamContent(stream);
        using var request = new HttpRequestMessage(HttpMethod.Put, "http://shop.test/") { Content = content };

        using var response = await SendAsync(server, request);

        Assert.Equal(1, server.Attempts);
    }

    [Fact]
    public async Task A_server_that_asks_for_a_short_pause_gets_it()
    {
        var times = new List<DateTimeOffset>();
        var server = new Server(
            (attempt, _) =>
            {
                times.Add(_clock.GetUtcNow());
                return Answer(attempt == 1 ? 429 : 200, retryAfter: TimeSpan.FromSeconds(4));
            }
        );
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://shop.test/");

        using var response = await SendAsync(server, request);

        Assert.Equal(TimeSpan.FromSeconds(4), times[1] - times[0]);
    }

    [Fact]
    public async Task A_server_that_asks_for_a_long_pause_is_not_asked_again()
    {
        var server = new Server((_, _) => Answer(429, retryAfter: TimeSpan.FromMinutes(1)));
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://shop.test/");

        using var response = await SendAsync(server, request);

        Assert.Equal(1, server.Attempts);
    }

    [Fact]
    public async Task A_server_that_never_answers_costs_no_more_than_the_total_timeout()
    {
        var server = new Server(
            async (_, cancellation) =>
            {
                await Task.Delay(Timeout.Infinite, cancellation);
                return new HttpResponseMessage();
            }
        );
        var start = _clock.GetUtcNow();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://shop.test/");

        await using var services = Services(server);
        using var client = services.GetRequiredService<IHttpClientFactory>().CreateClient();
        var failure = await Assert.ThrowsAsync<HttpRequestException>(() =>
            Finish(client.SendAsync(request), TimeSpan.FromSeconds(10))
        );

        Assert.IsType<TimeoutRejectedException>(failure.InnerException);
        Assert.Equal(TimeSpan.FromSeconds(30), _clock.GetUtcNow() - start);
        Assert.InRange(server.Attempts, 2, 3);
    }

    [Fact]
    public async Task A_broken_server_is_left_alone_for_a_while_and_another_is_not_affected()
    {
        var server = new Server((_, _) => Answer(503));
        await using var services = Services(
            server,
            ("Outgoing:Retries", "0"),
            ("Outgoing:CircuitMinimumAttempts", "2"),
            ("Outgoing:CircuitOpenSeconds", "60")
        );
        using var client = services.GetRequiredService<IHttpClientFactory>().CreateClient();
        (await client.GetAsync(new Uri("http://shop.test/1"))).Dispose();
        (await client.GetAsync(new Uri("http://shop.test/2"))).Dispose();

        var refused = await Assert.ThrowsAsync<HttpRequestException>(() =>
            client.GetAsync(new Uri("http://shop.test/3"))
        );
        (await client.GetAsync(new Uri("http://other.test/"))).Dispose();

        Assert.IsType<BrokenCircuitException>(refused.InnerException);
        Assert.Equal(3, server.Attempts);

        _clock.Advance(TimeSpan.FromSeconds(61));
        (await client.GetAsync(new Uri("http://shop.test/4"))).Dispose();
        Assert.Equal(4, server.Attempts);
    }

    [Fact]
    public async Task Any_other_call_can_have_a_pipeline_of_its_own()
    {
        using var lines = new LogLines();
        var attempts = 0;
        var pipeline = OutgoingPipeline.Create("verifier", new OutgoingOptions(), _clock, lines.CreateLogger("x"));

        var result = await Finish(
            pipeline
                .ExecuteAsync(_ =>
                    ++attempts < 3 ? throw new TimeoutException("slow") : ValueTask.FromResult("verified")
                )
                .AsTask()
        );

        Assert.Equal("verified", result);
        Assert.Equal(3, attempts);
        Assert.Contains(lines.All, line => line.Text == "verifier: Retry: OnRetry (slow)");
    }

    [Fact]
    public async Task A_bug_is_not_retried()
    {
        var attempts = 0;
        var pipeline = OutgoingPipeline.Create("verifier", new OutgoingOptions(), _clock);

        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            pipeline
                .ExecuteAsync(_ =>
                {
                    attempts++;
                    throw new InvalidOperationException("bug");
                })
                .AsTask()
        );

        Assert.Equal(1, attempts);
    }

    [Fact]
    public void An_attempt_may_not_take_longer_than_the_whole_call()
    {
        var builder = Programs.Worker(("Outgoing:AttemptSeconds", "31"));
        builder.AddServiceDefaults();

        Assert.Equal(
            "Outgoing:AttemptSeconds: given \"31\", expected at most TotalSeconds (30) (environment variable Outgoing__AttemptSeconds)",
            Programs.WhatIsWrongWith(builder.Build).Message
        );
    }

    private async Task<HttpResponseMessage> SendAsync(Server server, HttpRequestMessage request)
    {
        await using var services = Services(server);
        using var client = services.GetRequiredService<IHttpClientFactory>().CreateClient();
        return await Finish(client.SendAsync(request));
    }

    private ServiceProvider Services(Server server, params (string, string?)[] settings)
    {
        var builder = Programs.Worker(settings);
        builder.Services.AddSingleton<TimeProvider>(_clock);
        builder.AddServiceDefaults();
        builder.Services.ConfigureHttpClientDefaults(http => http.ConfigurePrimaryHttpMessageHandler(() => server));
        return builder.Services.BuildServiceProvider();
    }

    // Lets the time of each pause pass (none is longer than 5 s, no timeout is shorter than 10 s) until the call is over.
    private Task<T> Finish<T>(Task<T> call) => Finish(call, TimeSpan.FromSeconds(5));

    private async Task<T> Finish<T>(Task<T> call, TimeSpan longest)
    {
        await Eventually.Holds(() =>
        {
            _clock.AdvanceToNext(longest);
            return call.IsCompleted;
        });
        return await call;
    }

    private static Task<HttpResponseMessage> Answer(int status, TimeSpan? retryAfter = null)
    {
        var response = new HttpResponseMessage((HttpStatusCode)status);
        response.Headers.RetryAfter = retryAfter is { } pause ? new(pause) : null;
        return Task.FromResult(response);
    }

    private sealed class Server(Func<int, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        private int _attempts;

        public int Attempts => _attempts;

        public List<string> Bodies { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            if (request.Content is { } content)
            {
                using var body = new MemoryStream();
                await content.CopyToAsync(body, cancellationToken);
                Bodies.Add(System.Text.Encoding.UTF8.GetString(body.ToArray()));
            }

            return await answer(Interlocked.Increment(ref _attempts), cancellationToken);
        }
    }
}
