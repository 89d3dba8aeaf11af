#if !ASPIRE
using System.Net;
using System.Text.RegularExpressions;
using ClickNBack.AppHost.Standalone;

namespace ClickNBack.Tests.Graph;

public sealed partial class DashboardTests : IAsyncLifetime
{
    private readonly TestGraph graph = new();
    private readonly HttpClient http = new(new HttpClientHandler { AllowAutoRedirect = false });
    private Runner runner = null!;

    public async Task InitializeAsync()
    {
        graph.Write(
            """
            "key": {"type": "parameter.v0", "value": "{key.inputs.value}", "inputs": {"value": {"type": "string", "secret": true}}}
            """,
            graph.Service("web", """, "Key": "{key.value}", "Odd": "<script>alert(1)</script>" """)
        );
        (runner, var dashboard) = await graph.StartAsync("--Ports:web=0", "--Parameters:key=very-secret-value");
        http.BaseAddress = dashboard;
    }

    public async Task DisposeAsync()
    {
        http.Dispose();
        await graph.DisposeAsync();
    }

    [Fact]
    public async Task It_shows_the_resources_and_hides_the_secrets()
    {
        var overview = await http.GetStringAsync("/");
        Assert.Contains("Everything is ready", overview);
        Assert.Contains(runner.Find("web")!.Addresses.Single().GetLeftPart(UriPartial.Authority), overview);

        var log = await http.GetStringAsync("/logs/web");
        Assert.Contains("Ctrl-C stops it all", log);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;", log);
        Assert.DoesNotContain("very-secret-value", overview + log);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/logs/nobody")).StatusCode);
        Assert.Equal("ready", await http.GetStringAsync("/ready"));
    }

    [Fact]
    public async Task The_log_streams_what_comes_after_a_line()
    {
        using var answer = await http.GetAsync("/logs/web/stream?after=0", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());

        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        Assert.StartsWith("data: <span class=\"line\"><time>", await reader.ReadLineAsync());
    }

    [Fact]
    public async Task Scripts_and_styles_run_only_with_the_nonce_of_the_answer()
    {
        using var first = await http.GetAsync("/");
        using var second = await http.GetAsync("/");
        var policy = first.Headers.GetValues("Content-Security-Policy").Single();

        Assert.StartsWith("default-src 'none'", policy);
        Assert.DoesNotContain("unsafe", policy);
        Assert.Contains("frame-ancestors 'none'", policy);
        Assert.NotEqual(policy, second.Headers.GetValues("Content-Security-Policy").Single());
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("localhost.evil.example")]
    [InlineData("[::ffff:7f00:1]")]
    public async Task A_name_that_somebody_else_points_here_is_refused(string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { Host = host } };
        using var answer = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.MisdirectedRequest, answer.StatusCode);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("null", true)]
    [InlineData("http://evil.example", true)]
    [InlineData("own", false)]
    public async Task Another_site_cannot_press_a_button(string? origin, bool withToken)
    {
        using var answer = await PressAsync("stop", origin, withToken ? await TokenAsync() : "guess");

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal(ResourceState.Running, runner.Find("web")!.State);
    }

    [Fact]
    public async Task The_buttons_restart_stop_and_start_one_resource()
    {
        var web = runner.Find("web")!;
        using var pressed = await PressAsync("restart", "own", await TokenAsync());
        Assert.Equal(HttpStatusCode.Found, pressed.StatusCode);
        await Until(() => web is { State: ResourceState.Running, Restarts: 1 });

        using var stopped = await PressAsync("stop", "own", await TokenAsync());
        await Until(() => web.State == ResourceState.Stopped);
        Assert.Contains("Not everything is running", await http.GetStringAsync("/resources"));

        using var started = await PressAsync("start", "own", await TokenAsync());
        await Until(() => web.State == ResourceState.Running);
        Assert.False(graph.Run.IsCompleted); // what was asked for is no crash
    }

    private async Task<string> TokenAsync() =>
        TokenPattern().Match(await http.GetStringAsync("/")).Groups["token"].Value;

    [GeneratedRegex(
        "name=\"token\" value=\"(?<token>[^\"]+)\"",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex TokenPattern();

    private async Task<HttpResponseMessage> PressAsync(string button, string? origin, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/resources/web/{button}")
        {
            Content = new FormUrlEncodedContent([KeyValuePair.Create("token", token)]),
        };
        if (origin is not null)
        {
            request.Headers.Add(
                "Origin",
                origin == "own" ? http.BaseAddress!.GetLeftPart(UriPartial.Authority) : origin
            );
        }

        return await http.SendAsync(request);
    }

    // The state changes in another process's time: look again until it has.
    private static async Task Until(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            await Task.Delay(20, patience.Token);
        }
    }
}
#endif
