using System.Globalization;

namespace ClickNBack.AppHost.Standalone;

/// <summary>A project of this repository, run from what has been built: a service, or a job when it has no bindings.</summary>
internal sealed class ProjectResource(RunContext context, ManifestResource model) : Resource(context, model)
{
    private static readonly TimeSpan BetweenProbes = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan BetweenHealthChecks = TimeSpan.FromSeconds(5);
    private static readonly HttpClient Probe = new() { Timeout = TimeSpan.FromSeconds(5) };

    // Where a program listens is decided here, and not by what the runner's own environment says.
    private static readonly HashSet<string> Listening = new(StringComparer.OrdinalIgnoreCase)
    {
        "ASPNETCORE_URLS",
        "ASPNETCORE_HTTP_PORTS",
        "ASPNETCORE_HTTPS_PORTS",
        "DOTNET_URLS",
        "DOTNET_HTTP_PORTS",
        "DOTNET_HTTPS_PORTS",
        "URLS",
        "HTTP_PORTS",
        "HTTPS_PORTS",
        "DOTNET_LAUNCH_PROFILE",
    };

    private LocalProcess? process;

    private string ProjectFile => Path.GetFullPath(Path.Combine(Context.Settings.Root, Model.Path ?? ""));

    /// <summary>The environment of its process, resolved for the process or, masked, for people.</summary>
    public static Dictionary<string, string> OwnEnvironment(
        RunContext context,
        ManifestResource model,
        Resolver resolver
    )
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(Path.Combine(context.Settings.Root, model.Path ?? "")))!;
        var environment = new Dictionary<string, string>(
            LaunchSettings.Load(folder).Environment,
            StringComparer.Ordinal
        );
        foreach (var (name, text) in model.Env.Where(variable => !Listening.Contains(variable.Key)))
        {
            environment[name] = resolver.Resolve(model.Name, text);
        }

        var addresses = context
            .Plan.EndpointsOf(model.Name)
            .Select(each => each.Endpoint.Address.GetLeftPart(UriPartial.Authority));
        if (model.Bindings.Count > 0)
        {
            environment["ASPNETCORE_URLS"] = string.Join(';', addresses);
        }

        return environment;
    }

    protected override async Task BeginAsync(CancellationToken cancellationToken)
    {
        var program = BuiltProgram();
        var environment = LocalEnvironment
            .Variables()
            .Where(variable => !Settings.IsOwn(variable.Key) && !Listening.Contains(variable.Key))
            .ToDictionary(StringComparer.Ordinal);
        foreach (var (name, value) in OwnEnvironment(Context, Model, Context.Plan.Resolver))
        {
            environment[name] = value;
        }

        process = LocalProcess.Start(
            new(Environment.ProcessPath is { } host && IsDotnet(host) ? host : "dotnet", [program, .. Arguments()])
            {
                Environment = environment,
                WorkingDirectory = Path.GetDirectoryName(ProjectFile),
                OnLine = Note,
            }
        );
        Context.State.Leftovers.Track(Name, process);
        await (Model.IsJob ? CompleteAsync(process, cancellationToken) : BecomeReadyAsync(process, cancellationToken));
    }

    protected override async Task EndAsync(TimeSpan grace)
    {
        if (process is { } running)
        {
            process = null;
            await running.StopAsync(UnixSignal.Terminate, grace);
            await running.DisposeAsync();
        }
    }

    private async Task CompleteAsync(LocalProcess job, CancellationToken cancellationToken)
    {
        ExitCode = await job.Exit.WaitAsync(cancellationToken);
        if (ExitCode != 0)
        {
            throw FailureOf($"{Name} has failed with exit code {ExitCode}.");
        }
    }

    private async Task BecomeReadyAsync(LocalProcess service, CancellationToken cancellationToken)
    {
        var ready = new Uri(Context.Plan.EndpointsOf(Name).First().Endpoint.Address, "/ready");
        using var patience = new CancellationTokenSource(Context.Settings.ReadyTimeout, Context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            // Nothing tells when a program begins to listen: ask, now and then.
            while (!await IsReadyAsync(ready, either.Token))
            {
                await Task.WhenAny(service.Exit, Task.Delay(BetweenProbes, Context.Time, either.Token));
                either.Token.ThrowIfCancellationRequested();
                if (service.Exit.IsCompleted)
                {
                    ExitCode = await service.Exit;
                    throw FailureOf($"{Name} has ended with exit code {ExitCode} before it was ready.");
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw FailureOf(
                $"{Name} is not ready after {Context.Settings.ReadyTimeout.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s: GET {ready} does not answer 200 (Ready:Timeout changes the limit)."
            );
        }

        Healthy = true;
        _ = WatchAsync(service, ready);
    }

    private async Task WatchAsync(LocalProcess service, Uri ready)
    {
        while (await Task.WhenAny(service.Exit, Task.Delay(BetweenHealthChecks, Context.Time)) != service.Exit)
        {
            var healthy = await IsReadyAsync(ready, CancellationToken.None);
            if (process == service && State == ResourceState.Running)
            {
                Healthy = healthy;
            }
        }

        if (process == service)
        {
            Ended(await service.Exit);
        }
    }

    private static async Task<bool> IsReadyAsync(Uri address, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await Probe.GetAsync(
                address,
                HttpCompletionOption.ResponseHeadersRead,
                cancellationToken
            );
            return answer.IsSuccessStatusCode;
        }
        catch (Exception problem)
            when (problem is HttpRequestException
                || (problem is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            )
        {
            return false;
        }
    }

    private IEnumerable<string> Arguments() => Model.Args.Select(text => Context.Plan.Resolver.Resolve(Name, text));

    private string BuiltProgram()
    {
        var assembly = Path.GetFileNameWithoutExtension(ProjectFile) + ".dll";
        var program = Path.Combine(Path.GetDirectoryName(ProjectFile)!, "bin", Settings.OutputFolder, assembly);
        return File.Exists(program)
            ? program
            : throw new SetupException($"{program} does not exist: build first (`dotnet build`).");
    }

    private static bool IsDotnet(string program) => Path.GetFileNameWithoutExtension(program) == "dotnet";
}
