using System.Globalization;
using System.Net.Sockets;

namespace ClickNBack.AppHost.Standalone;

/// <summary>A container, run by the container engine of this machine; its ports are open on the loopback interface only.</summary>
internal sealed class ContainerResource(RunContext context, ManifestResource model, ContainerEngine engine)
    : Resource(context, model)
{
    private static readonly TimeSpan BetweenProbes = TimeSpan.FromMilliseconds(250);
    private const string Marker = "containers";
    private LocalProcess? process;

    private string Clone => Path.GetFileName(Context.State.FullPath);

    private string ContainerName => $"clicknback-{Clone}-{Name}";

    /// <summary>The arguments of `docker run`; values of variables are not among them, for everybody can read a command line.</summary>
    public IReadOnlyList<string> RunArguments()
    {
        var endpoints = Context.Plan.EndpointsOf(Name).Select(each => each.Endpoint);
        return
        [
            "run",
            "--rm",
            "--name",
            ContainerName,
            .. endpoints.SelectMany(each =>
                new[]
                {
                    "--publish",
                    string.Create(CultureInfo.InvariantCulture, $"{LocalEndpoint.Host}:{each.Port}:{each.TargetPort}"),
                }
            ),
            .. Model.Env.Keys.SelectMany(name => new[] { "--env", name }),
            .. Model.Volumes.SelectMany(each =>
                new[] { "--volume", $"{VolumeName(each)}:{each.Target}{(each.ReadOnly ? ":ro" : "")}" }
            ),
            .. Model.Entrypoint is { } entrypoint ? new[] { "--entrypoint", entrypoint } : [],
            Model.Image ?? throw new SetupException($"The resource \"{Name}\" has no image."),
            .. Model.Args.Select(text => Context.Plan.Resolver.Resolve(Name, text)),
        ];
    }

    /// <summary>Removes the containers and volumes of a clone.</summary>
    public static async Task ResetAsync(StateFolder state, Func<Task<ContainerEngine?>> findEngine)
    {
        var marker = Path.Combine(state.FullPath, Marker);
        if (!File.Exists(marker))
        {
            return; // no container has ever been started
        }

        var engine =
            await findEngine()
            ?? throw new SetupException("The container engine does not answer: start it, then reset again.");
        foreach (var line in await File.ReadAllLinesAsync(marker))
        {
            await engine.RunAsync([.. line.Split(' ')]);
        }
    }

    protected override async Task BeginAsync(CancellationToken cancellationToken)
    {
        if (Context.Plan.DependenciesOf(Model).Count > 0)
        {
            throw new SetupException(
                $"The container \"{Name}\" refers to other resources; that works with Aspire only."
            );
        }

        var environment = LocalProcess.InheritedEnvironment();
        foreach (var (name, text) in Model.Env)
        {
            environment[name] = Context.Plan.Resolver.Resolve(Name, text);
        }

        await engine.RunAsync("rm", "--force", ContainerName); // of a run that was killed
        await RememberAsync(cancellationToken);
        process = LocalProcess.Start(new(engine.Program, RunArguments()) { Environment = environment, OnLine = Note });
        Context.State.Leftovers.Track(Name, process);
        await BecomeReadyAsync(process, cancellationToken);
        await CreateDatabasesAsync();
        _ = WatchAsync(process);
    }

    protected override async Task EndAsync(TimeSpan grace)
    {
        if (process is { } running)
        {
            process = null;
            if (!running.Exit.IsCompleted)
            {
                var seconds = Math.Max(1, (int)grace.TotalSeconds).ToString(CultureInfo.InvariantCulture);
                await engine.RunAsync("stop", "--time", seconds, ContainerName);
            }

            await running.StopAsync(UnixSignal.Terminate, TimeSpan.FromSeconds(1));
            await running.DisposeAsync();
        }
    }

    // What a reset has to do, as arguments of the engine: containers before their volumes.
    private async Task RememberAsync(CancellationToken cancellationToken)
    {
        var marker = Path.Combine(Context.State.FullPath, Marker);
        var before = File.Exists(marker) ? await File.ReadAllLinesAsync(marker, cancellationToken) : [];
        string[] lines =
        [
            $"rm --force {ContainerName}",
            .. Model.Volumes.Select(each => $"volume rm --force {VolumeName(each)}"),
        ];
        await File.WriteAllLinesAsync(marker, lines.Union(before, StringComparer.Ordinal), cancellationToken);
    }

    private string VolumeName(ManifestVolume volume) => $"clicknback-{Clone}-{volume.Name}";

    private async Task BecomeReadyAsync(LocalProcess container, CancellationToken cancellationToken)
    {
        // The engine opens the port at once, and the image starts its server twice: ask inside, over TCP.
        while (!await IsReadyAsync(cancellationToken))
        {
            await Task.WhenAny(container.Exit, Task.Delay(BetweenProbes, Context.Time, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            if (container.Exit.IsCompleted)
            {
                throw FailureOf($"{Name} has ended with exit code {await container.Exit} before it was ready.");
            }
        }
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        if (PostgresResource.IsPostgres(Model.Image))
        {
            var (exitCode, _) = await engine.RunAsync("exec", ContainerName, "pg_isready", "-h", "127.0.0.1");
            return exitCode == 0;
        }

        try
        {
            foreach (var (_, endpoint) in Context.Plan.EndpointsOf(Name))
            {
                using var client = new TcpClient();
                await client.ConnectAsync(LocalEndpoint.Host, endpoint.Port, cancellationToken);
            }

            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task CreateDatabasesAsync()
    {
        foreach (var database in PostgresResource.IsPostgres(Model.Image) ? Context.Plan.DatabasesIn(Name) : [])
        {
            const string Create =
                "PGPASSWORD=\"$POSTGRES_PASSWORD\" createdb -h 127.0.0.1 -U \"${POSTGRES_USER:-postgres}\" \"$0\"";
            var (exitCode, output) = await engine.RunAsync("exec", ContainerName, "sh", "-c", Create, database);
            if (exitCode != 0 && !output.Contains("already exists", StringComparison.Ordinal))
            {
                throw FailureOf($"{Name}: the database {database} cannot be created: {output}");
            }
        }
    }

    private async Task WatchAsync(LocalProcess container)
    {
        var exitCode = await container.Exit;
        if (process == container)
        {
            Ended(exitCode);
        }
    }
}
