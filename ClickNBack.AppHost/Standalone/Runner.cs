namespace ClickNBack.AppHost.Standalone;

/// <summary>Starts the resources in the order of the plan, restarts single ones on demand, and stops them all.</summary>
internal sealed class Runner(RunContext context, IReadOnlyList<Resource> resources) : IAsyncDisposable
{
    // Everything has stopped within 10 seconds: the servers get what the services have left of them.
    private static readonly TimeSpan ServiceGrace = TimeSpan.FromSeconds(7);
    private static readonly TimeSpan TotalGrace = TimeSpan.FromSeconds(8.5);
    private static readonly TimeSpan LeastGrace = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource stopping = new();

    public IReadOnlyList<Resource> Resources => resources;

    /// <summary>Whether every resource has been up at least once.</summary>
    public bool Ready { get; private set; }

    /// <summary>How long that took.</summary>
    public TimeSpan? ReadyAfter { get; private set; }

    public RunContext Context => context;

    public Resource? Find(string name) => resources.FirstOrDefault(resource => resource.Name == name);

    /// <summary>Starts everything and returns when all is ready.</summary>
    /// <exception cref="ResourceFailedException">The first that has not come up.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var began = context.Time.GetTimestamp();
        using var failure = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var started = new Dictionary<string, Task>(StringComparer.Ordinal);
        foreach (var resource in InOrder())
        {
            Task[] before = [.. context.Plan.DependenciesOf(resource.Model).Select(name => started[name])];
            started[resource.Name] = StartAfterAsync(resource, before, failure);
        }

        var crash = AnyCrash();
        var all = Task.WhenAll(started.Values);
        if (await Task.WhenAny(all, crash) == crash)
        {
            await failure.CancelAsync();
            await Task.WhenAny(all);
            throw new ResourceFailedException(await await crash);
        }

        // Of several failures the first is the cause; the others were only cancelled.
        await Task.WhenAny(all);
        if (all.Exception?.InnerExceptions.OfType<ResourceFailedException>().FirstOrDefault() is { } cause)
        {
            throw cause;
        }

        await all;
        Ready = true;
        ReadyAfter = context.Time.GetElapsedTime(began);
    }

    /// <summary>Starts one that has ended; what goes wrong is shown as its state.</summary>
    public async Task StartAsync(Resource resource)
    {
        try
        {
            await resource.StartAsync(stopping.Token);
        }
        catch (ResourceFailedException problem)
        {
            context.Terminal.Complain(context.Secrets.Clean(problem.Message.Split('\n')[0]));
        }
        catch (OperationCanceledException)
        {
            // Everything is being stopped.
        }
    }

    /// <summary>Returns with the cause when a resource ends on its own.</summary>
    public async Task<string> CrashAsync(CancellationToken cancellationToken)
    {
        var crash = await AnyCrash().WaitAsync(cancellationToken);
        return await crash;
    }

    /// <summary>Ends one, because somebody wants it so.</summary>
    public static Task StopAsync(Resource resource) => resource.StopAsync(ServiceGrace);

    /// <summary>Ends one and starts it again.</summary>
    public async Task RestartAsync(Resource resource)
    {
        await StopAsync(resource);
        await StartAsync(resource);
    }

    /// <summary>Ends everything: first what uses the servers, then the servers.</summary>
    public async Task StopAllAsync()
    {
        await stopping.CancelAsync();
        var began = context.Time.GetTimestamp();
        await Task.WhenAll(
            resources.Where(each => each is ProjectResource).Select(each => each.StopAsync(ServiceGrace))
        );
        var left = TotalGrace - context.Time.GetElapsedTime(began);
        var grace = left > LeastGrace ? left : LeastGrace;
        await Task.WhenAll(resources.Where(each => each is not ProjectResource).Select(each => each.StopAsync(grace)));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAllAsync();
        foreach (var resource in resources)
        {
            await resource.DisposeAsync();
        }

        stopping.Dispose();
    }

    private static async Task StartAfterAsync(Resource resource, Task[] before, CancellationTokenSource failure)
    {
        await Task.WhenAll(before).WaitAsync(failure.Token);
        try
        {
            await resource.StartAsync(failure.Token);
        }
        catch (ResourceFailedException)
        {
            await failure.CancelAsync();
            throw;
        }
    }

    // A graph without resources runs until it is told to stop.
    private Task<Task<string>> AnyCrash() =>
        Task.WhenAny(resources.Select(resource => resource.Crash).Append(new TaskCompletionSource<string>().Task));

    // The plan has no circles: each finds what it waits for already there.
    private List<Resource> InOrder()
    {
        var ordered = new List<Resource>();
        while (ordered.Count < resources.Count)
        {
            var names = ordered.Select(resource => resource.Name).ToHashSet(StringComparer.Ordinal);
            ordered.Add(
                resources.First(resource =>
                    !names.Contains(resource.Name) && context.Plan.DependenciesOf(resource.Model).All(names.Contains)
                )
            );
        }

        return ordered;
    }
}
