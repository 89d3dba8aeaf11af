using ClickNBack.AppHost.LocalPostgres;

namespace ClickNBack.Tests.Graph;

/// <summary>The whole graph of the AppHost, started once for the tests that only look at it. It keeps nothing.</summary>
public sealed class PlatformGraph : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private DistributedApplication? _application;

    /// <summary>The running application.</summary>
    public DistributedApplication Application =>
        _application ?? throw new InvalidOperationException("The graph has not been started.");

    /// <summary>The repository.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The AppHost's model with data that are thrown away, from this machine's binaries where it has them.</summary>
    /// <param name="arguments">More arguments.</param>
    public static Task<IDistributedApplicationTestingBuilder> CreateBuilderAsync(params string[] arguments) =>
        DistributedApplicationTestingBuilder.CreateAsync<Projects.ClickNBack_AppHost>([
            "--Postgres:Keep=false",
            .. PostgresBinaries.Find() is null ? Array.Empty<string>() : ["--Postgres:From=binaries"],
            .. arguments,
        ]);

    /// <summary>Starts a graph and waits until the API is healthy.</summary>
    public static async Task<DistributedApplication> StartAsync(IDistributedApplicationTestingBuilder builder)
    {
        using var patience = new CancellationTokenSource(Patience);
        var application = await builder.BuildAsync(patience.Token);
        await application.StartAsync(patience.Token);
        await application.ResourceNotifications.WaitForResourceHealthyAsync("api", patience.Token);
        return application;
    }

    /// <inheritdoc/>
    public async Task InitializeAsync() => _application = await StartAsync(await CreateBuilderAsync());

    /// <inheritdoc/>
    public async Task DisposeAsync() => await Application.DisposeAsync();

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "aspire-manifest.json")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The repository's root was not found.");
        }

        return folder.FullName;
    }
}
