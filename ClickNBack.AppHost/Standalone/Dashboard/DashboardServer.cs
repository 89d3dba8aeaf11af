using System.Globalization;
using System.Net;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ClickNBack.AppHost.Standalone.Dashboard;

/// <summary>A web page about the running resources, for this machine only.</summary>
internal sealed class DashboardServer : IAsyncDisposable
{
    private readonly WebApplication app;

    private DashboardServer(WebApplication app, Uri address)
    {
        this.app = app;
        Address = address;
    }

    public Uri Address { get; }

    /// <exception cref="SetupException">Its port is in use.</exception>
    public static async Task<DashboardServer> StartAsync(Runner runner)
    {
        var port = runner.Context.Settings.DashboardPort;
        var web = Build(runner, port);
        try
        {
            await web.StartAsync();
        }
        catch (IOException problem) when (problem.InnerException is AddressInUseException)
        {
            await web.DisposeAsync();
            throw RunPlan.PortInUse(port, "Ports:dashboard", "dashboard");
        }

        var address = web
            .Services.GetRequiredService<IServer>()
            .Features.GetRequiredFeature<IServerAddressesFeature>()
            .Addresses.First();
        return new(web, new UriBuilder(address) { Host = "localhost" }.Uri);
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private static WebApplication Build(Runner runner, int port)
    {
        var builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions
            {
                ContentRootPath = AppContext.BaseDirectory,
                EnvironmentName = Environments.Production,
            }
        );
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(server =>
        {
            server.AddServerHeader = false;
            server.Listen(IPAddress.Loopback, port);
        });
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(1));

        var web = builder.Build();
        var guard = new DashboardGuard();
        var pages = new DashboardPages(runner, guard);
        web.Use(guard.InvokeAsync);

        web.MapGet("/", (HttpContext http) => Page(pages.Overview(DashboardGuard.Nonce(http))));
        web.MapGet("/resources", () => Page(pages.Resources()));
        web.MapGet(
            "/logs/{name}",
            (string name, HttpContext http) => For(name, each => Page(pages.Log(each, DashboardGuard.Nonce(http))))
        );
        web.MapGet(
            "/logs/{name}/stream",
            (string name, HttpContext http) => For(name, each => Follow(each, http, web.Lifetime))
        );
        web.MapPost("/resources/{name}/start", (string name) => For(name, each => Do(runner.StartAsync(each))));
        web.MapPost("/resources/{name}/stop", (string name) => For(name, each => Do(Runner.StopAsync(each))));
        web.MapPost("/resources/{name}/restart", (string name) => For(name, each => Do(runner.RestartAsync(each))));
        web.MapGet(
            "/ready",
            () =>
                runner.Ready
                    ? Results.Text("ready")
                    : Results.Text("starting", statusCode: StatusCodes.Status503ServiceUnavailable)
        );
        return web;

        IResult For(string name, Func<Resource, IResult> answer) =>
            runner.Find(name) is { } resource
                ? answer(resource)
                : Results.NotFound($"There is no resource \"{name}\".");
    }

    private static IResult Page(Html html) => Results.Content(html.Text, "text/html; charset=utf-8");

    // The page shows what becomes of it; nobody waits for the answer.
    private static IResult Do(Task action)
    {
        _ = action;
        return Results.LocalRedirect("/"); // the browser follows with GET
    }

    private static ServerSentEventsResult<string> Follow(
        Resource resource,
        HttpContext http,
        IHostApplicationLifetime lifetime
    )
    {
        _ = long.TryParse(
            http.Request.Headers["Last-Event-ID"].FirstOrDefault() ?? http.Request.Query["after"],
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var after
        );
        return TypedResults.ServerSentEvents(
            EventsAsync(resource, after, http.RequestAborted, lifetime.ApplicationStopping)
        );
    }

    private static async IAsyncEnumerable<SseItem<string>> EventsAsync(
        Resource resource,
        long after,
        CancellationToken aborted,
        CancellationToken stopping,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(aborted, stopping, cancellationToken);
        var portions = resource.Log.FollowAsync(after, end.Token).GetAsyncEnumerator(end.Token);
        await using (portions)
        {
            while (await NextAsync(portions))
            {
                var last = portions.Current[^1].Number.ToString(CultureInfo.InvariantCulture);
                yield return new(DashboardPages.Lines(portions.Current).Text) { EventId = last };
            }
        }
    }

    private static async Task<bool> NextAsync(IAsyncEnumerator<IReadOnlyList<LogLine>> portions)
    {
        try
        {
            return await portions.MoveNextAsync();
        }
        catch (OperationCanceledException)
        {
            return false; // the reader has left, or we are closing
        }
    }

    // Signals are the runner's business.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
