namespace ClickNBack.AppHost.Standalone;

/// <summary>Where a resource is in its life.</summary>
internal enum ResourceState
{
    Waiting,
    Starting,
    Running,
    Completed,
    Stopping,
    Stopped,
    Failed,
}

/// <summary>A resource did not come up, or ended on its own; the message names it and the cause.</summary>
internal sealed class ResourceFailedException : Exception
{
    public ResourceFailedException() { }

    public ResourceFailedException(string message)
        : base(message) { }

    public ResourceFailedException(string message, Exception inner)
        : base(message, inner) { }
}

/// <summary>Something of the manifest that runs on this machine.</summary>
internal abstract class Resource(RunContext context, ManifestResource model) : IAsyncDisposable
{
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly TaskCompletionSource<string> crash = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool wasUp;

    public ManifestResource Model => model;

    public string Name => model.Name;

    public ResourceState State { get; private set; } = ResourceState.Waiting;

    /// <summary>Whether it says that it can serve; null: it does not say.</summary>
    public bool? Healthy { get; protected set; }

    public int? ExitCode { get; protected set; }

    /// <summary>Why it failed.</summary>
    public string? Problem { get; private set; }

    public int Restarts { get; private set; }

    public DateTimeOffset? StartedAt { get; private set; }

    public LogBuffer Log { get; } = new(context.Time);

    /// <summary>Where it can be reached, for people.</summary>
    public IEnumerable<Uri> Addresses => context.Plan.EndpointsOf(Name).Select(each => Shown(each.Endpoint.Address));

    /// <summary>Completes with the cause when it ends on its own after having been up.</summary>
    public Task<string> Crash => crash.Task;

    /// <summary>Short: a state in one or two words.</summary>
    public string StateText =>
        (State, Healthy) switch
        {
            (ResourceState.Running, true) => "ready",
            (ResourceState.Running, false) => "not ready",
            _ => State.ToString().ToLowerInvariant(),
        };

    protected RunContext Context => context;

    /// <summary>Starts it and returns when it is ready, or a job has ended well.</summary>
    /// <exception cref="ResourceFailedException">It has not come up; everything of it has ended.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            if (State is ResourceState.Running)
            {
                return;
            }

            await BringUpAsync(cancellationToken);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Ends it, when it runs.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        await turn.WaitAsync();
        try
        {
            if (State is ResourceState.Running or ResourceState.Starting)
            {
                State = ResourceState.Stopping;
                await EndAsync(grace);
                State = ResourceState.Stopped;
                Healthy = null;
                StartedAt = null;
            }
        }
        finally
        {
            turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync(TimeSpan.Zero);
        turn.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts it and returns when it is ready; a job: when it has ended with exit code 0.</summary>
    protected abstract Task BeginAsync(CancellationToken cancellationToken);

    /// <summary>Ends whatever of it runs; harmless when nothing does.</summary>
    protected abstract Task EndAsync(TimeSpan grace);

    /// <summary>Notes a line that it wrote.</summary>
    protected void Note(string line)
    {
        var clean = context.Secrets.Clean(line);
        Log.Add(clean);
        context.Terminal.Log(Name, clean);
    }

    /// <summary>Reports an end that nobody asked for, once it has been up.</summary>
    protected void Ended(int exitCode)
    {
        ExitCode = exitCode;
        if (State != ResourceState.Running)
        {
            return;
        }

        Fail($"{Name} has ended on its own with exit code {exitCode}.");
        crash.TrySetResult(Problem!);
    }

    /// <summary>The failure of a process, with its last words.</summary>
    protected ResourceFailedException FailureOf(string what)
    {
        var last = string.Concat(Log.Tail(15).Select(line => $"{Environment.NewLine}    {line.Text}"));
        return new(last.Length == 0 ? what : $"{what} Its last lines:{last}");
    }

    private async Task BringUpAsync(CancellationToken cancellationToken)
    {
        State = ResourceState.Starting;
        (Problem, ExitCode, Healthy) = (null, null, null);
        StartedAt = context.Time.GetUtcNow();
        Restarts += wasUp ? 1 : 0;
        wasUp = true;
        try
        {
            await BeginAsync(cancellationToken);
            State = model.IsJob ? ResourceState.Completed : ResourceState.Running;
            StartedAt = model.IsJob ? null : StartedAt;
        }
        catch (Exception problem)
        {
            await EndAsync(TimeSpan.Zero);
            if (problem is OperationCanceledException)
            {
                State = ResourceState.Stopped;
                throw;
            }

            Fail(problem.Message);
            if (problem is SetupException)
            {
                throw new ResourceFailedException(FailureOf($"{Name}: {problem.Message}").Message, problem);
            }

            throw;
        }
    }

    private void Fail(string problem)
    {
        State = ResourceState.Failed;
        Healthy = null;
        StartedAt = null;
        Problem = context.Secrets.Clean(problem.Split('\n')[0].TrimEnd());
    }

    // People know the loopback address by its name.
    private static Uri Shown(Uri address) =>
        address.Scheme == Uri.UriSchemeHttp ? new UriBuilder(address) { Host = "localhost" }.Uri : address;
}

/// <summary>What every resource of one run shares.</summary>
internal sealed record RunContext(
    Settings Settings,
    RunPlan Plan,
    Secrets Secrets,
    Terminal Terminal,
    StateFolder State,
    TimeProvider Time
);
