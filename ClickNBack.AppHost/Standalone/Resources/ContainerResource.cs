using System.Globalization;
using System.Net.Sockets;

namespace ClickNBack.AppHost.Standalone;

/// <summary>A container, run by the container engine of this machine; its ports are open on the loopback interface only.</summary>
internal class ContainerResource(RunContext context, ManifestResource model, ContainerEngine engine)
    : Resource(context, model)
{
    private static readonly TimeSpan BetweenProbes = TimeSpan.FromMilliseconds(250);
    private const string Marker = "containers";
    private LocalProcess? process;

    protected ContainerEngine Engine => engine;

    /// <summary>Its own for each state folder, and so for each clone, as its volumes are.</summary>
    protected string ContainerName => $"clicknback-{Name}-{Context.State.Id}";

    protected string Image => Model.Image ?? throw new SetupException($"The resource \"{Name}\" has no image.");

    /// <summary>What every container of this resource sees; values of variables are not among it, for everybody can read a command line.</summary>
    protected IEnumerable<string> Surroundings =>
        [
            .. Model.Env.Keys.SelectMany(name => new[] { "--env", name }),
            .. Model.Volumes.SelectMany(each =>
                new[] { "--volume", $"{VolumeName(each)}:{each.Target}{(each.ReadOnly ? ":ro" : "")}" }
            ),
        ];

    /// <summary>The arguments of `docker run`.</summary>
    public IReadOnlyList<string> RunArguments() =>
        [
            "run",
            "--rm",
            "--name",
            ContainerName,
            .. Context.Plan.EndpointsOf(Name).SelectMany(each => new[] { "--publish", Published(each.Endpoint) }),
            .. Surroundings,
            .. Model.Entrypoint is { } entrypoint ? new[] { "--entrypoint", entrypoint } : [],
            Image,
            .. Model.Args.Select(text => Context.Plan.Resolver.Resolve(Name, text)),
        ];

    /// <summary>Removes the containers and volumes of a clone.</summary>
    /// <exception cref="SetupException">The engine does not answer or does not remove them.</exception>
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
            var (exitCode, output) = await engine.RunAsync([.. line.Split(' ')]);
            if (exitCode != 0 && !output.Contains("no such", StringComparison.OrdinalIgnoreCase))
            {
                throw new SetupException($"`{engine.Program} {line}` has failed: {output}");
            }
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

        // Of a run that was killed: in order, for it may be writing.
        await engine.RunAsync("stop", "-t", "5", ContainerName);
        await engine.RunAsync("rm", "--force", "--volumes", ContainerName);
        await RememberAsync(cancellationToken);
        await PullAsync(cancellationToken);
        await ServeAsync(cancellationToken);
        await PrepareAsync(cancellationToken);
        if (process is { } running)
        {
            _ = WatchAsync(running);
        }
    }

    protected override async Task EndAsync(TimeSpan grace)
    {
        if (process is { } running)
        {
            process = null;
            if (!running.Exit.IsCompleted)
            {
                var seconds = Math.Max(1, (int)grace.TotalSeconds).ToString(CultureInfo.InvariantCulture);
                await engine.RunAsync("stop", "-t", seconds, ContainerName);
            }

            await running.StopAsync(UnixSignal.Terminate, TimeSpan.FromSeconds(1));
            await running.DisposeAsync();
        }
    }

    /// <summary>Starts the container and returns when it is ready.</summary>
    protected async Task ServeAsync(CancellationToken cancellationToken)
    {
        process = LocalProcess.Start(
            new(engine.Program, RunArguments()) { Environment = EngineEnvironment(), OnLine = Note }
        );
        Context.State.Leftovers.Track(Name, process);
        await BecomeReadyAsync(process, cancellationToken);
    }

    /// <summary>What is left to do once it is ready.</summary>
    protected virtual Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Whether it can serve: whether its ports are open.</summary>
    protected virtual async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
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

    /// <summary>The environment of the engine's program: from there it takes the values of the container's variables.</summary>
    protected Dictionary<string, string> EngineEnvironment()
    {
        var environment = LocalEnvironment.Variables();
        foreach (var name in Model.Env.Keys)
        {
            environment[name] = Variable(name) ?? "";
        }

        return environment;
    }

    /// <summary>The value of one of its variables, or null.</summary>
    protected string? Variable(string name) =>
        Model.Env.TryGetValue(name, out var text) ? Context.Plan.Resolver.Resolve(Name, text) : null;

    private static string Published(LocalEndpoint endpoint) =>
        string.Create(CultureInfo.InvariantCulture, $"{LocalEndpoint.Host}:{endpoint.Port}:{endpoint.TargetPort}");

    private string VolumeName(ManifestVolume volume) => $"{volume.Name}-{Context.State.Id}";

    // What a reset has to do, as arguments of the engine: containers before their volumes.
    private async Task RememberAsync(CancellationToken cancellationToken)
    {
        var marker = Path.Combine(Context.State.FullPath, Marker);
        var before = File.Exists(marker) ? await File.ReadAllLinesAsync(marker, cancellationToken) : [];
        string[] lines =
        [
            $"rm --force --volumes {ContainerName}",
            .. Model.Volumes.Select(each => $"volume rm --force {VolumeName(each)}"),
        ];
        await File.WriteAllLinesAsync(marker, lines.Union(before, StringComparer.Ordinal), cancellationToken);
    }

    // Before the run, so that a slow network costs nothing of the patience with the container.
    private async Task PullAsync(CancellationToken cancellationToken)
    {
        var (missing, _) = await engine.RunAsync("image", "inspect", Image);
        if (missing == 0)
        {
            return;
        }

        Note($"Pulling {Image}, once …");
        var (exitCode, _) = await LocalProcess.RunAsync(
            new(engine.Program, "pull", Image) { OnLine = Note },
            cancellationToken: cancellationToken
        );
        if (exitCode != 0)
        {
            throw new SetupException(
                $"The image {Image} is not on this machine and cannot be pulled: connect to its registry, or load it (`docker load`)."
            );
        }
    }

    private async Task BecomeReadyAsync(LocalProcess container, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Context.Settings.ReadyTimeout, Context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            while (!await IsReadyAsync(either.Token))
            {
                await Task.WhenAny(container.Exit, Task.Delay(BetweenProbes, Context.Time, either.Token));
                either.Token.ThrowIfCancellationRequested();
                if (container.Exit.IsCompleted)
                {
                    throw FailureOf($"{Name} has ended with exit code {await container.Exit} before it was ready.");
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw FailureOf(
                $"{Name} is not ready after {Context.Settings.ReadyTimeout.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s (Ready:Timeout changes the limit)."
            );
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
