using System.Globalization;
using ClickNBack.AppHost.Standalone.Dashboard;

namespace ClickNBack.AppHost.Standalone;

/// <summary>What a test can put in the place of this machine.</summary>
internal sealed record StandaloneHooks
{
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Finds the PostgreSQL of this machine.</summary>
    public Func<Task<PostgresBinaries?>> FindPostgres { get; init; } = () => PostgresBinaries.FindAsync();

    /// <summary>Finds the container engine of this machine.</summary>
    public Func<Task<ContainerEngine?>> FindEngine { get; init; } = ContainerEngine.FindAsync;

    /// <summary>Called when everything is ready, with the dashboard's address.</summary>
    public Action<Runner, Uri> Ready { get; init; } = static (_, _) => { };
}

/// <summary>Runs the graph of the manifest on this machine, from start to stop.</summary>
internal static class StandaloneHost
{
    private const string Usage = "Usage: ClickNBack.AppHost [reset] [--Setting:Name=value …]";

    /// <summary>Runs until it is told to stop, or something fails, and gives the exit code.</summary>
    /// <param name="arguments">`reset`, or nothing; then settings as `--Name=value`.</param>
    /// <param name="output">Where everything is printed.</param>
    /// <param name="stop">Ends the run: then the exit code is 0.</param>
    /// <param name="hooks">For tests.</param>
    public static async Task<int> RunAsync(
        string[] arguments,
        TextWriter output,
        CancellationToken stop,
        StandaloneHooks? hooks = null
    )
    {
        var terminal = new Terminal(output);
        var secrets = new Secrets();
        try
        {
            switch (arguments.FirstOrDefault(argument => !argument.StartsWith('-')))
            {
                case null:
                    await RunGraphAsync(Settings.Load(arguments), terminal, secrets, hooks ?? new(), stop);
                    return 0;
                case "reset":
                    await ResetAsync(
                        Settings.Load([.. arguments.Where(argument => argument != "reset")]),
                        terminal,
                        hooks ?? new()
                    );
                    return 0;
                case var unknown:
                    terminal.Complain($"\"{unknown}\" is no command. {Usage}");
                    return 2;
            }
        }
        catch (Exception problem) when (problem is SetupException or ResourceFailedException)
        {
            terminal.Complain(string.Join('\n', problem.Message.Split('\n').Select(secrets.Clean)));
            return 1;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
    }

    private static async Task RunGraphAsync(
        Settings settings,
        Terminal terminal,
        Secrets secrets,
        StandaloneHooks hooks,
        CancellationToken stop
    )
    {
        var manifest = Manifest.Load(settings.ManifestFile);
        using var state = StateFolder.Open(settings.StateDirectory);
        foreach (var name in await state.EndLeftoversAsync())
        {
            terminal.Say($"Ended {name}, left over from an earlier run.");
        }

        var plan = new RunPlan(settings, manifest);
        var context = new RunContext(settings, plan, secrets, terminal, state, hooks.Time);
        await using var runner = new Runner(context, await ResourcesAsync(context, hooks));
        await using var dashboard = await DashboardServer.StartAsync(runner);
        terminal.Say($"Starting {plan.Active.Count} resources; dashboard: {dashboard.Address}");
        try
        {
            await runner.StartAsync(stop);
            Announcement.Print(terminal, runner, dashboard.Address);
            hooks.Ready(runner, dashboard.Address);
            throw new ResourceFailedException(await runner.CrashAsync(stop));
        }
        finally
        {
            var began = hooks.Time.GetTimestamp();
            terminal.Say("Stopping …");
            await runner.StopAllAsync();
            var seconds = hooks.Time.GetElapsedTime(began).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
            terminal.Say($"Everything is stopped ({seconds} s).");
        }
    }

    private static async Task<IReadOnlyList<Resource>> ResourcesAsync(RunContext context, StandaloneHooks hooks)
    {
        var resources = new List<Resource>();
        foreach (var model in context.Plan.Active)
        {
            context.Terminal.Register(model.Name);
            resources.Add(
                model.Type == ManifestResource.Project
                    ? new ProjectResource(context, model)
                    : await ContainerAsync(context, model, hooks)
            );
        }

        foreach (
            var parameter in context.Plan.Manifest.Resources.Where(each =>
                each.IsSecret && IsUsed(context.Plan, each.Name)
            )
        )
        {
            context.Plan.Parameters.ValueOf(parameter);
        }

        context.Secrets.Hide(context.Plan.Parameters.SecretsInUse);
        context.Secrets.Hide(context.Plan.ConfiguredConnectionStrings().SelectMany(Secrets.InConnectionString));
        return resources;
    }

    private static bool IsUsed(RunPlan plan, string parameter) =>
        plan.Active.Any(resource => plan.RefersTo(resource, parameter));

    private static async Task<Resource> ContainerAsync(
        RunContext context,
        ManifestResource model,
        StandaloneHooks hooks
    )
    {
        var isPostgres = PostgresResource.IsPostgres(model.Image);
        if (isPostgres && await hooks.FindPostgres() is not null)
        {
            return new PostgresResource(context, model);
        }

        if (await hooks.FindEngine() is { } engine)
        {
            return isPostgres
                ? new PostgresContainer(context, model, engine)
                : new ContainerResource(context, model, engine);
        }

        var otherwise = isPostgres
            ? $" or PostgreSQL {PostgresBinaries.OldestMajor} or newer (Debian and Ubuntu: apt-get install postgresql; macOS: brew install postgresql@17; Windows: winget install PostgreSQL.PostgreSQL.17)"
            : "";
        throw new SetupException(
            $"The resource \"{model.Name}\" ({model.Image}) needs Docker or Podman, running{otherwise}; neither is here."
        );
    }

    private static async Task ResetAsync(Settings settings, Terminal terminal, StandaloneHooks hooks)
    {
        if (!Directory.Exists(settings.StateDirectory))
        {
            terminal.Say("Nothing to reset.");
            return;
        }

        using var state = StateFolder.Open(settings.StateDirectory);
        foreach (var name in await state.EndLeftoversAsync())
        {
            terminal.Say($"Ended {name}, left over from an earlier run.");
        }

        await ContainerResource.ResetAsync(state, hooks.FindEngine);
        state.Delete();
        terminal.Say($"Removed {settings.StateDirectory}.");
    }
}
