using System.Reflection;
using ClickNBack.AppHost;

namespace ClickNBack.Tests.Graph;

/// <summary>The whole graph, started once.</summary>
public class PlatformGraphTests(PlatformGraph graph) : IClassFixture<PlatformGraph>
{
    private static readonly string Requests = Path.Combine(PlatformGraph.Root, "docs", "http");

    [Fact]
    public void The_migrations_have_run_to_completion()
    {
        Assert.True(graph.Application.ResourceNotifications.TryGetCurrentState("migrations", out var migrations));
        Assert.Equal(KnownResourceStates.Finished, migrations.Snapshot.State?.Text);
        Assert.Equal(0, migrations.Snapshot.ExitCode);
    }

    [Theory]
    [InlineData("clicknback", PlatformCommands.CheckLedger)]
    [InlineData("api", PlatformCommands.DemoLogin)]
    [InlineData("migrations", PlatformCommands.Seed)]
    [InlineData("clicknback", PlatformCommands.ThrowAway)]
    public async Task The_commands_of_the_dashboard_work(string resource, string command)
    {
        var result = await graph.Application.ResourceCommands.ExecuteCommandAsync(resource, command);

        Assert.True(result.Success, result.Message);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await graph.Application.ResourceNotifications.WaitForResourceHealthyAsync("api", patience.Token);
    }

    [Fact]
    public async Task A_purchase_earns_cashback_that_becomes_available()
    {
        using var http = graph.Application.CreateHttpClient("api", "http");
        await Journey.PurchaseToCashbackAsync(http);
    }

    [Theory]
    [InlineData("set-up-a-merchant.http", 8)]
    [InlineData("discover-offers.http", 6)]
    [InlineData("purchase-to-cashback.http", 8)]
    [InlineData("wallet-to-payout.http", 10)]
    [InlineData("manual-confirmation.http", 9)]
    [InlineData("keep-an-account.http", 5)]
    public async Task The_documented_requests_run_from_top_to_bottom(string file, int requests)
    {
        using var http = new HttpClient(new ToServer(graph.Application.GetEndpoint("api", "http")));
        Assert.Equal(requests, await HttpFile.RunAsync(Path.Combine(Requests, file), http));
    }

    [Fact]
    public void Every_file_of_requests_is_run()
    {
        var run = typeof(PlatformGraphTests)
            .GetMethod(nameof(The_documented_requests_run_from_top_to_bottom))!
            .GetCustomAttributes<InlineDataAttribute>()
            .Select(it => (string)it.GetData(null!).Single()[0]);
        Assert.Equal(
            Directory.GetFiles(Requests, "*.http").Select(it => Path.GetFileName(it)).Order(StringComparer.Ordinal),
            run.Order(StringComparer.Ordinal)
        );
    }

    // The files name the port of `make run`; this graph has one of its own.
    private sealed class ToServer(Uri server) : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            Assert.Equal("localhost:8080", request.RequestUri!.Authority);
            request.RequestUri = new Uri(server, request.RequestUri.PathAndQuery);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
