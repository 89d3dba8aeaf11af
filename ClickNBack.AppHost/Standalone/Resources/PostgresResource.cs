namespace ClickNBack.AppHost.Standalone;

/// <summary>A container of the official PostgreSQL image, run as a server of our own from the PostgreSQL of this machine.</summary>
internal sealed class PostgresResource(RunContext context, ManifestResource model) : Resource(context, model)
{
    private PostgresCluster? cluster;

    /// <summary>Whether an image is the official PostgreSQL, from whichever registry.</summary>
    public static bool IsPostgres(string? image)
    {
        var name = image?.Split('/')[^1].Split('@')[0].Split(':')[0];
        return name == "postgres";
    }

    protected override async Task BeginAsync(CancellationToken cancellationToken)
    {
        var environment = Model.Env.ToDictionary(
            variable => variable.Key,
            variable => Context.Plan.Resolver.Resolve(Name, variable.Value),
            StringComparer.Ordinal
        );
        var (_, endpoint) = Context.Plan.EndpointsOf(Name).First();
        cluster = await PostgresCluster.StartAsync(
            new()
            {
                DataDirectory = Path.Combine(
                    Context.State.FullPath,
                    Model.Volumes.Select(volume => volume.Name).FirstOrDefault(Name)
                ),
                User = environment.GetValueOrDefault("POSTGRES_USER", "postgres"),
                Password = environment.GetValueOrDefault("POSTGRES_PASSWORD") is { Length: > 0 } password
                    ? password
                    : throw new SetupException($"The resource \"{Name}\" has no POSTGRES_PASSWORD."),
                Port = endpoint.Port,
                Databases = [.. Context.Plan.DatabasesIn(Name)],
                InitDbArguments = environment
                    .GetValueOrDefault("POSTGRES_INITDB_ARGS", "")
                    .Split(' ', StringSplitOptions.RemoveEmptyEntries),
                Log = Note,
            },
            cancellationToken
        );
        _ = WatchAsync(cluster);
    }

    protected override async Task EndAsync(TimeSpan grace)
    {
        if (cluster is { } running)
        {
            cluster = null;
            await running.StopAsync(grace);
            await running.DisposeAsync();
        }
    }

    private async Task WatchAsync(PostgresCluster watched)
    {
        var exitCode = await watched.Server.Exit;
        if (cluster == watched)
        {
            Ended(exitCode);
        }
    }
}
