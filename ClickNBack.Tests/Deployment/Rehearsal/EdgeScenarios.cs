using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Deployment.Rehearsal;

/// <summary>What the proxy does by itself.</summary>
[Collection(RehearsalRunDefinition.Name)]
[Trait("Category", "Rehearsal")]
public class EdgeScenarios(RehearsalRun run)
{
    private const string Inside = "203.0.113.7";
    private const string Outside = "198.51.100.7";

    [Fact]
    public Task A_port_that_is_taken_leaves_the_proxy_as_it_is() =>
        run.PlayAsync(
            "HTTP_BIND is taken",
            mayFail: false,
            async notes =>
            {
                using var other = new TcpListener(IPAddress.Loopback, 0);
                other.Start();
                try
                {
                    run.Server.Configure(new() { ["HTTP_BIND"] = $"{other.LocalEndpoint}" });
                    (await run.Server.ClicknbackAsync("install"))
                        .Expect(78)
                        .Says($"HTTP_BIND: something else listens at {other.LocalEndpoint}");
                    notes.Add("exit code 78");
                }
                finally
                {
                    run.Server.Configure([]);
                }
            }
        );

    [Fact]
    [Trait("Duration", "Long")]
    public Task Of_one_address_there_are_a_hundred_connections_at_most() =>
        run.PlayAsync(
            "firewall.rules",
            mayFail: false,
            async notes =>
            {
                // A client and a published port of their own, since packets of this machine to itself pass no firewall.
                const string Name = "cnb-firewall";
                const string Rules = "firewall.rules";
                var port = Server.FreePort();
                var rules = await File.ReadAllTextAsync(Path.Combine(run.Server.Folder, Rules));
                var theirs = Path.Combine(run.Server.Folder, "state", Rules);
                await File.WriteAllTextAsync(theirs, rules.Replace(" 443 ", $" {port} ", StringComparison.Ordinal));
                try
                {
                    await ShellAsync(
                        $"""
                        docker run --detach --name {Name} --publish {port}:80 --entrypoint caddy docker.io/library/caddy:2 respond --listen :80 hello
                        ip netns add {Name}
                        ip link add cnb-out type veth peer name cnb-in netns {Name}
                        ip address add 10.219.7.1/30 dev cnb-out
                        ip link set cnb-out up
                        ip -n {Name} address add 10.219.7.2/30 dev cnb-in
                        ip -n {Name} link set cnb-in up
                        """
                    );
                    await Until.TrueAsync(async () => await OpenedAsync() == 120, "all connections are accepted");
                    await ShellAsync($"iptables-restore --noflush {theirs}");
                    Assert.Equal(100, await OpenedAsync());
                    notes.Add("100 of 120");
                }
                finally
                {
                    await ShellAsync(
                        $"""
                        iptables -F DOCKER-USER
                        iptables -A DOCKER-USER -j RETURN
                        ip netns delete {Name}
                        docker rm --force {Name}
                        rm {theirs}
                        """
                    );
                }

                async Task<int> OpenedAsync()
                {
                    var count =
                        "for i in {1..120}; do { exec {fd}<>/dev/tcp/10.219.7.1/"
                        + port
                        + "; } 2> /dev/null && echo open || :; done | wc -l";
                    // One after the other in one process, which holds them all.
                    var counted = await run
                        .Server.RunAsync("ip", "netns", "exec", Name, "bash", "-c", count)
                        .ExpectAsync(0);
                    return int.Parse(counted.Output.Trim(), CultureInfo.InvariantCulture);
                }

                Task<Ended> ShellAsync(string script) =>
                    run.Server.RunAsync("bash", "-Eeuo", "pipefail", "-c", script).ExpectAsync(0);
            }
        );

    [Fact]
    public Task A_domain_has_a_certificate_and_plain_requests_are_sent_there() =>
        run.PlayAsync(
            "TLS for a domain",
            mayFail: true, // the load goes on asking without TLS
            async notes =>
            {
                try
                {
                    run.Server.Configure(new() { ["SITE_ADDRESS"] = "localhost" });
                    await run.Server.ClicknbackAsync("install").ExpectAsync(0);

                    string? issuer = null;
                    using var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
                    handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                    {
                        issuer = certificate!.Issuer;
                        return errors == SslPolicyErrors.RemoteCertificateChainErrors; // of an authority that nobody knows
                    };
                    using var http = new HttpClient(handler);
                    using var overTwo = new HttpRequestMessage
                    {
                        RequestUri = new Uri($"https://localhost:{run.Server.SecureFront.Port}/ready"),
                        Version = HttpVersion.Version20,
                        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                    };
                    using var secure = await http.SendAsync(overTwo);
                    Assert.Equal(HttpStatusCode.OK, secure.StatusCode);
                    Assert.Contains("max-age=", $"{secure.Headers}", StringComparison.Ordinal);

                    using var plain = await http.GetAsync(new Uri($"http://localhost:{run.Server.Front.Port}/ready"));
                    Assert.Equal(HttpStatusCode.PermanentRedirect, plain.StatusCode);
                    Assert.Equal("https://localhost/ready", plain.Headers.Location?.ToString());
                    (await run.Server.ClicknbackAsync("smoke")).Expect(0).Says("at https://localhost");
                    notes.Add($"HTTP/{secure.Version}, issued by {issuer}");
                }
                finally
                {
                    run.Server.Configure([]);
                    await run.Server.ClicknbackAsync("install").ExpectAsync(0);
                }
            }
        );

    [Fact]
    [Trait("Duration", "Long")]
    public Task Uploads_that_clients_break_off_turn_no_deploy_back() =>
        run.PlayAsync(
            "broken uploads during a deploy",
            mayFail: false,
            async notes =>
            {
                using var over = new CancellationTokenSource();
                var broken = BreakUploadsOffAsync(over.Token);
                (await run.Server.ClicknbackAsync("deploy", run.Next)).Expect(0);
                await over.CancelAsync();
                Assert.InRange(await broken, 20, int.MaxValue);
                notes.Add($"{await broken} uploads");
            }
        );

    [Fact]
    public Task Behind_another_proxy_clients_are_told_apart_and_else_nobody_is_believed() =>
        run.PlayAsync(
            "TRUSTED_PROXIES",
            mayFail: true, // the load is one client
            async notes =>
            {
                try
                {
                    await ApplyAsync(new() { ["RATE_LIMIT_CREDENTIALS_PER_MINUTE"] = "3" });
                    Assert.Contains(HttpStatusCode.TooManyRequests, await LoginsAsync(it => $"198.51.100.{it}"));

                    await ApplyAsync(
                        new()
                        {
                            ["RATE_LIMIT_CREDENTIALS_PER_MINUTE"] = "3",
                            ["TRUSTED_PROXIES"] = "private_ranges",
                            ["CONSOLE_ALLOW"] = "203.0.113.0/24",
                        }
                    );
                    Assert.Contains(HttpStatusCode.TooManyRequests, await LoginsAsync(_ => "198.51.100.1"));
                    Assert.DoesNotContain(
                        HttpStatusCode.TooManyRequests,
                        await LoginsAsync(it => $"192.0.2.66, 203.0.113.{it}") // the first is what the client itself claims
                    );
                    await TheConsoleIsThereForSomeAddressesOnlyAsync();
                    notes.Add("one bucket each");
                }
                finally
                {
                    await ApplyAsync([]);
                }
            }
        );

    [Fact]
    public Task The_edges_own_answers_have_the_headers_of_all_others() =>
        run.PlayAsync(
            "no API at all",
            mayFail: true,
            async notes =>
            {
                using var http = new HttpClient { BaseAddress = run.Server.Front };
                using var served = await http.GetAsync(new Uri("/health", UriKind.Relative));
                using var refused = await http.GetAsync(new Uri("/%2f", UriKind.Relative));
                using var tooMuch = new ByteArrayContent(new byte[2 * 1024 * 1024]);
                using var large = await http.PostAsync(new Uri("/api/v1/users", UriKind.Relative), tooMuch);
                var api = await run.Server.ContainerAsync($"api-{run.Server.Colour}");
                await run.Server.DockerAsync("stop", api);
                using var broken = await http.GetAsync(new Uri("/health", UriKind.Relative));
                await run.Server.DockerAsync("start", api);

                Assert.Equal(HttpStatusCode.OK, served.StatusCode);
                Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
                Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
                Assert.Equal(HttpStatusCode.ServiceUnavailable, broken.StatusCode);
                foreach (var answer in (HttpResponseMessage[])[served, refused, large, broken])
                {
                    Assert.Equal(SecurityHeaders, SecurityHeaders.Where(answer.Headers.Contains));
                    Assert.False(answer.Headers.Contains("Server"), $"{answer.StatusCode} names its server");
                    Assert.Contains("application/json", answer.Content.Headers.ContentType?.ToString());
                }

                notes.Add($"{(int)broken.StatusCode}, {(int)large.StatusCode} and {(int)refused.StatusCode} like 200");
            }
        );

    private static readonly string[] SecurityHeaders =
    [
        "Content-Security-Policy",
        "Permissions-Policy",
        "Referrer-Policy",
        "Strict-Transport-Security",
        "X-Content-Type-Options",
        "X-Frame-Options",
    ];

    private async Task ApplyAsync(Dictionary<string, string?> settings)
    {
        run.Server.Configure(settings);
        await run.Server.ClicknbackAsync("install").ExpectAsync(0);
        await run.Server.ClicknbackAsync("deploy", run.Server.Active).ExpectAsync(0);
    }

    private async Task<HttpStatusCode[]> LoginsAsync(Func<int, string> forwardedFor)
    {
        using var http = new HttpClient { BaseAddress = run.Server.Front };
        return await Task.WhenAll(
            Enumerable
                .Range(1, 6)
                .Select(async number =>
                {
                    using var login = new HttpRequestMessage(
                        HttpMethod.Post,
                        new Uri("/api/v1/auth/login", UriKind.Relative)
                    );
                    login.Content = JsonContent.Create(
                        new { email = $"nobody{number}@private.example", password = "wrong" }
                    );
                    login.Headers.Add("X-Forwarded-For", forwardedFor(number));
                    using var answer = await http.SendAsync(login);
                    return answer.StatusCode;
                })
        );
    }

    // By turns cut off and with a chunk that is none; answers how many there were.
    private async Task<int> BreakUploadsOffAsync(CancellationToken over)
    {
        var count = 0;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        try
        {
            while (await timer.WaitForNextTickAsync(over))
            {
                using var client = new TcpClient();
                await client.ConnectAsync(run.Server.Front.Host, run.Server.Front.Port, over);
                var rest =
                    count % 2 == 0 ? "Content-Length: 1000\r\n\r\n{" : "Transfer-Encoding: chunked\r\n\r\nno chunk\r\n";
                var request =
                    $"POST /api/v1/auth/login HTTP/1.1\r\nHost: {run.Server.Front.Authority}\r\nContent-Type: application/json\r\n{rest}";
                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), over);
                count++;
            }
        }
        catch (OperationCanceledException)
        {
            // It is over.
        }

        return count;
    }

    // However its path is written, and whatever a client claims before the proxy in front adds from where it really asks.
    private async Task TheConsoleIsThereForSomeAddressesOnlyAsync()
    {
        string[] open = ["/console", "/console/", "/Console", "/CONSOLE/sign-in", "/%63onsole/sign-in"];
        string[] closed =
        [
            "/console%2fsign-in",
            "//console",
            "/./console",
            "/x/../console",
            "/console%5csign-in",
            "/console;a=b",
            "/consoles",
        ];
        foreach (var path in open)
        {
            Assert.Contains(
                await StatusAsync(path, Inside),
                (HttpStatusCode[])[HttpStatusCode.OK, HttpStatusCode.Found]
            );
        }

        foreach (var path in closed)
        {
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(path, Inside));
        }

        foreach (var path in (string[])[.. open, .. closed])
        {
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(path, Outside));
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(path, $"{Inside}, {Outside}"));
        }
    }

    private async Task<HttpStatusCode> StatusAsync(string path, string forwardedFor)
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        var asWritten = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            new Uri($"http://{run.Server.Front.Authority}{path}", asWritten)
        );
        request.Headers.Add("X-Forwarded-For", forwardedFor);
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }
}
