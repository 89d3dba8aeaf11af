using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using ClickNBack.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace ClickNBack.Tests.Integration;

/// <summary>Who guesses passwords is seen by how logins end. One a minute for each account and address.</summary>
public sealed class LoginMetricsTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<object?> _outcomes = [];
    private readonly MeterListener _listener = new();
    private TestDatabase _database = null!;
    private ApiServer _server = null!;

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        _server = await ApiServer.StartAsync(
            _database,
            new ApiSetup
            {
                Settings =
                {
                    ["ForwardedHeaders_Enabled"] = "true",
                    ["RateLimits:Enabled"] = "true",
                    ["RateLimits:CredentialsPerMinute"] = "1",
                },
            }
        );
        var meters = _server.Services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == meters && instrument.Name == "clicknback.logins")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>(
            (_, one, tags, _) => _outcomes.Enqueue(one == 1 ? tags.ToArray().ToDictionary()["outcome"] : one)
        );
        _listener.Start();
    }

    public async Task DisposeAsync()
    {
        _listener.Dispose();
        await _server.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public Task How_logins_to_the_api_end_is_counted() => CountAsync(LogInAsync, 200);

    [Fact]
    public Task How_logins_to_the_console_end_is_counted() => CountAsync(SignInAsync, 302);

    private async Task CountAsync(Func<string, string, string, Task<int>> logIn, int success)
    {
        Assert.Equal(401, await logIn("203.0.113.1", "nobody@b.example", "wrong"));
        Assert.Equal(success, await logIn("203.0.113.2", Templates.AdminEmail, Templates.AdminPassword));
        Assert.Equal(["failure", "success"], _outcomes);

        Assert.Equal(429, await logIn("203.0.113.3", Templates.AdminEmail, "wrong")); // this account was tried already
        Assert.Equal(429, await logIn("203.0.113.1", "another@b.example", "wrong")); // from here
        Assert.Equal(["failure", "success", "limited", "limited"], _outcomes);
    }

    private async Task<int> LogInAsync(string address, string email, string password) =>
        (
            await _server.Anonymous.SendAsync(
                HttpMethod.Post,
                "/api/v1/auth/login",
                JsonContent.Create(new { email, password }),
                ("X-Forwarded-For", address)
            )
        ).Status;

    // As a browser does, whose cookie is for HTTPS.
    private async Task<int> SignInAsync(string address, string email, string password)
    {
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false });
        browser.BaseAddress = _server.Address;
        using var page = await browser.GetAsync(new Uri("/console/sign-in", UriKind.Relative));
        var token = Regex.Match(
            await page.Content.ReadAsStringAsync(),
            "name=\"(?<name>__RequestVerificationToken)\" value=\"(?<value>[^\"]+)\"",
            RegexOptions.ExplicitCapture,
            TimeSpan.FromSeconds(1)
        );
        using var form = new HttpRequestMessage(HttpMethod.Post, new Uri("/console/sign-in", UriKind.Relative))
        {
            Content = new FormUrlEncodedContent(
                new Dictionary<string, string>
                {
                    [token.Groups["name"].Value] = token.Groups["value"].Value,
                    ["email"] = email,
                    ["password"] = password,
                }
            ),
        };
        form.Headers.Add("Cookie", page.Headers.GetValues("Set-Cookie").Select(it => it.Split(';')[0]));
        form.Headers.Add("X-Forwarded-For", address);
        using var answer = await browser.SendAsync(form);
        return (int)answer.StatusCode;
    }
}
