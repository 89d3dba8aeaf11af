using Npgsql;

namespace ClickNBack.Tests.Infrastructure;

/// <summary>The AppHost's PostgreSQL and nothing else of it, with nothing in it; its data are gone when it is disposed.</summary>
internal sealed class AppHostPostgres : IAsyncDisposable
{
    private const string Database = "clicknback";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly IDistributedApplicationTestingBuilder _host;
    private DistributedApplication _application = null!;
    private string _connectionString = null!;

    private AppHostPostgres(IDistributedApplicationTestingBuilder host) => _host = host;

    /// <summary>Starts it; returns when it accepts connections.</summary>
    /// <param name="settings">The server's own settings.</param>
    /// <param name="arguments">The AppHost's arguments.</param>
    public static async Task<AppHostPostgres> StartAsync(
        IReadOnlyDictionary<string, string> settings,
        params string[] arguments
    )
    {
        using var patience = new CancellationTokenSource(Patience);
        var postgres = new AppHostPostgres(
            await DistributedApplicationTestingBuilder.CreateAsync<Projects.ClickNBack_AppHost>(
                ["--Postgres:Keep=false", "--Logging:LogLevel:ClickNBack.AppHost.Resources=None", .. arguments],
                patience.Token
            )
        );
        try
        {
            await postgres.StartAsync(settings, patience.Token);
            return postgres;
        }
        catch
        {
            await postgres.DisposeAsync();
            throw;
        }
    }

    /// <summary>How to connect to one of its databases as the owner of everything.</summary>
    public NpgsqlConnectionStringBuilder Connection(string database = Database) =>
        new(_connectionString) { Database = database };

    /// <summary>Asks for every line that it logs from now on; returns when it is disposed.</summary>
    public async Task WatchLogAsync(Action<string> onLine)
    {
        var logs = (ResourceLoggerService)_application.Services.GetService(typeof(ResourceLoggerService))!;
        await foreach (var lines in logs.WatchAsync(Server)) // by its name nothing would come
        {
            foreach (var line in lines)
            {
                onLine(line.Content[(line.Content.IndexOf(' ', StringComparison.Ordinal) + 1)..]); // without Aspire's time stamp
            }
        }
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private IResourceWithArgs Server => _host.Resources.OfType<IResourceWithArgs>().Single(it => it.Name == "postgres");

    private async Task StartAsync(IReadOnlyDictionary<string, string> settings, CancellationToken cancel)
    {
        foreach (var project in _host.Resources.OfType<ProjectResource>().ToList())
        {
            _host.Resources.Remove(project);
        }

        _host
            .CreateResourceBuilder(Server)
            .WithArgs([.. settings.SelectMany(it => new[] { "-c", $"{it.Key}={it.Value}" })]);
        _application = await _host.BuildAsync(cancel);
        await _application.StartAsync(cancel);
        await _application.ResourceNotifications.WaitForResourceHealthyAsync(Database, cancel);
        _connectionString = (await _application.GetConnectionStringAsync(Database, cancel))!;
    }
}
