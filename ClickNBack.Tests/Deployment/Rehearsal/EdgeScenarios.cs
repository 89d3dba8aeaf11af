using System.Net;
using System.Net.Security;

namespace ClickNBack.Tests.Deployment.Rehearsal;

/// <summary>What the proxy does by itself.</summary>
[Collection(RehearsalRunDefinition.Name)]
[Trait("Category", "Rehearsal")]
public class EdgeScenarios(RehearsalRun run)
{
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
                    notes.Add($"HTTP/{secure.Version}, issued by {issuer}");
                }
                finally
                {
                    run.Server.Configure([]);
                    await run.Server.ClicknbackAsync("install").ExpectAsync(0);
                }
            }
        );
}
