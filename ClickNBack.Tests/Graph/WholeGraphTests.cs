#if !ASPIRE
using System.Reflection;
using ClickNBack.AppHost.Standalone;

namespace ClickNBack.Tests.Graph;

/// <summary>The whole platform, started once as <c>make run</c> starts it: from the committed manifest.</summary>
public sealed class WholeGraph : IAsyncLifetime
{
    private readonly CancellationTokenSource _stop = new();
    private readonly StringWriter _output = new();
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"clicknback-whole-{Path.GetRandomFileName()}");

    private string[] Own =>
        [
            $"--State:Directory={Path.Combine(_folder, "state")}",
            $"--Secrets:File={Path.Combine(_folder, "secrets.json")}",
        ];

    private Task<int> _run = Task.FromResult(-1);

    /// <summary>What it has printed.</summary>
    public string Output => _output.ToString();

    /// <summary>Where the API is.</summary>
    public Uri Api { get; private set; } = new("http://nowhere");

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(_folder);
        var ready = new TaskCompletionSource<Runner>(TaskCreationOptions.RunContinuationsAsynchronously);
        _run = StandaloneHost.RunAsync(
            [.. Own, "--Ports:api=0", "--Ports:postgres=0", "--Ports:dashboard=0"],
            TextWriter.Synchronized(_output),
            _stop.Token,
            new StandaloneHooks { Ready = (runner, _) => ready.TrySetResult(runner) }
        );
        await Task.WhenAny(ready.Task, _run);
        Assert.True(ready.Task.IsCompleted, Output);
        Api = (await ready.Task).Find("api")!.Addresses.First();
    }

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        var exitCode = await _run;
        _stop.Dispose();
        await StandaloneHost.RunAsync(["reset", .. Own], TextWriter.Null, CancellationToken.None); // a volume, perhaps
        Directory.Delete(_folder, recursive: true);
        Assert.Equal(0, exitCode);
    }
}

/// <summary>The committed manifest, run as a whole.</summary>
public class WholeGraphTests(WholeGraph graph) : IClassFixture<WholeGraph>
{
    private static readonly string Requests = Path.Combine(Settings.Load([]).Root, "docs", "http");

    [Fact]
    public void It_prints_where_everything_is_and_how_to_try_it()
    {
        Assert.Matches(@"api +ready +http://localhost:\d+", graph.Output);
        Assert.Matches("migrations +completed", graph.Output);
        Assert.Contains("alice@clicknback.com", graph.Output, StringComparison.Ordinal);
        Assert.Contains("curl -s", graph.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_purchase_earns_cashback_that_becomes_available()
    {
        using var http = new HttpClient { BaseAddress = graph.Api };
        await Journey.PurchaseToCashbackAsync(http);
    }

    [Theory]
    [InlineData("set-up-a-merchant.http", 8)]
    [InlineData("discover-offers.http", 6)]
    [InlineData("purchase-to-cashback.http", 8)]
    [InlineData("wallet-to-payout.http", 9)]
    [InlineData("manual-confirmation.http", 9)]
    public async Task The_documented_requests_run_from_top_to_bottom(string file, int requests)
    {
        using var http = new HttpClient(new ToServer(graph.Api));
        Assert.Equal(requests, await HttpFile.RunAsync(Path.Combine(Requests, file), http));
    }

    [Fact]
    public void Every_file_of_requests_is_run()
    {
        var run = typeof(WholeGraphTests)
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
#endif
