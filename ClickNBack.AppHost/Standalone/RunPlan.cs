using System.Net;
using System.Net.Sockets;

namespace ClickNBack.AppHost.Standalone;

/// <summary>
/// What of the manifest runs here, on which ports, with which values, and what waits for what.
/// </summary>
/// <remarks>
/// The manifest says nothing about waiting, so there is one rule: a resource starts once everything that it refers to, directly or
/// through values, is ready. A project without bindings is a job that runs to completion, and projects with bindings start when
/// all jobs have ended with exit code 0.
/// </remarks>
internal sealed class RunPlan
{
    private const string Mask = "••••••";
    private readonly Dictionary<(string Resource, string Binding), LocalEndpoint> endpoints = [];
    private readonly Dictionary<string, ManifestResource> external;
    private readonly Settings settings;

    public RunPlan(Settings settings, Manifest manifest)
    {
        this.settings = settings;
        Manifest = manifest;
        Parameters = new(settings, manifest);
        external = ReplacedByConnectionStrings();
        Active = [.. manifest.Resources.Where(resource => resource.Runs && !external.ContainsKey(resource.Name))];
        CheckReferences();
        TakePasswords();
        CheckOrder();
        AllocatePorts();
        Resolver = new(manifest, Parameters.ValueOf, ConfiguredConnectionString, FindEndpoint);
        Shown = new(
            manifest,
            each => each.IsSecret ? Mask : Parameters.ValueOf(each),
            each => ConfiguredConnectionString(each) is { } value ? Secrets.MaskConnectionString(value, Mask) : null,
            FindEndpoint
        );
    }

    public Manifest Manifest { get; }

    /// <summary>The resources that are started here.</summary>
    public IReadOnlyList<ManifestResource> Active { get; }

    public Parameters Parameters { get; }

    /// <summary>The true values.</summary>
    public Resolver Resolver { get; }

    /// <summary>The same with the secrets masked, for people to see.</summary>
    public Resolver Shown { get; }

    public LocalEndpoint? FindEndpoint(string resource, string binding) =>
        endpoints.GetValueOrDefault((resource, binding));

    public IEnumerable<(string Binding, LocalEndpoint Endpoint)> EndpointsOf(string resource) =>
        endpoints.Where(each => each.Key.Resource == resource).Select(each => (each.Key.Binding, each.Value));

    /// <summary>The names of the running resources that a resource waits for.</summary>
    public IReadOnlyList<string> DependenciesOf(ManifestResource resource)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        Collect(resource, names);
        if (resource.Type == ManifestResource.Project && !resource.IsJob)
        {
            names.UnionWith(Active.Where(each => each.IsJob).Select(each => each.Name));
        }

        names.Remove(resource.Name);
        return [.. Active.Select(each => each.Name).Where(names.Contains)];
    }

    /// <summary>Whether a resource refers to another, directly or through values.</summary>
    public bool RefersTo(ManifestResource resource, string name)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        Collect(resource, names);
        return names.Contains(name);
    }

    /// <summary>The databases that must exist in a container, by the connection strings that name them.</summary>
    public IEnumerable<string> DatabasesIn(string container) =>
        Manifest
            .Resources.Select(value => DatabaseOf(value, container))
            .OfType<string>()
            .Distinct(StringComparer.Ordinal);

    /// <summary>A connection string of the settings that takes the place of one of the manifest.</summary>
    public string? ConfiguredConnectionString(string name)
    {
        var replaced =
            Manifest.Find(name) is { Type: ManifestResource.ConnectionValue } value
            && Containers(value).Any(external.ContainsKey);
        return replaced ? Configured(name) : null;
    }

    /// <summary>The secrets in the configured connection strings.</summary>
    public IEnumerable<string> ConfiguredConnectionStrings() =>
        Manifest.Resources.Select(value => ConfiguredConnectionString(value.Name)).OfType<string>();

    private string? Configured(string name) =>
        settings.Configuration[$"ConnectionStrings:{name}"] is { Length: > 0 } value ? value : null;

    // Almost as in AppHost.cs: a configured connection string to a server replaces the server, and then every other connection to
    // that server has to be configured too.
    private Dictionary<string, ManifestResource> ReplacedByConnectionStrings()
    {
        var replaced = Manifest
            .Resources.Where(server =>
                server.Type == ManifestResource.Container
                && Manifest.Resources.Any(value =>
                    value.Type == ManifestResource.ConnectionValue
                    && Containers(value).Contains(server.Name, StringComparer.Ordinal)
                    && Configured(value.Name) is not null
                )
            )
            .ToDictionary(server => server.Name, StringComparer.Ordinal);
        foreach (var value in Manifest.Resources.Where(value => value.Type == ManifestResource.ConnectionValue))
        {
            if (Containers(value).FirstOrDefault(replaced.ContainsKey) is { } server && Configured(value.Name) is null)
            {
                throw new SetupException(
                    $"ConnectionStrings:{value.Name} is missing: with a configured database \"{server}\" is not started, so it is needed as well "
                        + $"(--ConnectionStrings:{value.Name}=\"Host=…;Port=…;Username=…;Password=…;Database=…\")."
                );
            }
        }

        return replaced;
    }

    // A password that a configured connection string holds where the manifest has a parameter is that parameter's value: what
    // the worker gives to the API's role has to be what the API logs in with.
    private void TakePasswords()
    {
        foreach (var value in Manifest.Resources)
        {
            if (
                ConfiguredConnectionString(value.Name) is { } configured
                && LocalParameters.PasswordIn(configured) is { } password
                && LocalParameters.PasswordIn(value.ConnectionString ?? "") is { } expression
                && Expressions.Split(expression) is [{ IsReference: true } reference]
                && Manifest.Find(reference.Text.Split('.')[0]) is { Type: ManifestResource.Parameter } parameter
            )
            {
                Parameters.Set(parameter.Name, password);
            }
        }
    }

    private IEnumerable<string> Containers(ManifestResource value) =>
        value
            .Texts()
            .SelectMany(each => Expressions.References(each.Text))
            .Where(name => Manifest.Find(name)?.Type == ManifestResource.Container);

    private static string? DatabaseOf(ManifestResource value, string container)
    {
        var prefix = $"{{{container}.connectionString}};Database=";
        return
            value.Type == ManifestResource.ConnectionValue
            && value.ConnectionString?.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) == true
            ? value.ConnectionString[prefix.Length..]
            : null;
    }

    private void Collect(ManifestResource resource, HashSet<string> names)
    {
        if (ConfiguredConnectionString(resource.Name) is not null)
        {
            return;
        }

        foreach (var name in resource.Texts().SelectMany(each => Expressions.References(each.Text)))
        {
            if (names.Add(name) && Manifest.Find(name) is { } target && !target.Runs)
            {
                Collect(target, names);
            }
        }
    }

    // Every reference of every resource, before anything starts.
    private void CheckReferences()
    {
        var nowhere = new LocalEndpoint("tcp", 0, 0);
        var check = new Resolver(
            Manifest,
            _ => "",
            _ => null,
            (name, binding) => Manifest.Find(name)?.Bindings.ContainsKey(binding) == true ? nowhere : null
        );
        foreach (var resource in Manifest.Resources)
        {
            foreach (var (_, text) in resource.Texts())
            {
                check.Resolve(resource.Name, text);
            }
        }
    }

    private void CheckOrder()
    {
        var done = new HashSet<string>(StringComparer.Ordinal);
        while (done.Count < Active.Count)
        {
            var next = Active.FirstOrDefault(each =>
                !done.Contains(each.Name) && DependenciesOf(each).All(done.Contains)
            );
            if (next is null)
            {
                var stuck = string.Join(", ", Active.Select(each => each.Name).Where(name => !done.Contains(name)));
                throw new SetupException($"These resources wait for each other: {stuck}.");
            }

            done.Add(next.Name);
        }
    }

    private void AllocatePorts()
    {
        foreach (var resource in Active)
        {
            foreach (var (name, binding) in resource.Bindings)
            {
                var target =
                    binding.TargetPort
                    ?? binding.Port
                    ?? throw new SetupException(
                        $"The binding \"{name}\" of the resource \"{resource.Name}\" has no target port."
                    );
                if (resource.Type == ManifestResource.Project && binding.Scheme != Uri.UriSchemeHttp)
                {
                    throw new SetupException(
                        $"The binding \"{name}\" of the resource \"{resource.Name}\" has the scheme \"{binding.Scheme}\"; projects can have http only."
                    );
                }

                endpoints[(resource.Name, name)] =
                    resource.Type == ManifestResource.Project
                        ? ProjectEndpoint(resource.Name, binding.Scheme, target)
                        : ContainerEndpoint(resource.Name, binding.Scheme, target);
            }
        }
    }

    // A project listens where everybody expects it, or not at all.
    private LocalEndpoint ProjectEndpoint(string resource, string scheme, int target)
    {
        var port = ClaimPort(settings.Port(resource) ?? target, $"Ports:{resource}", resource);
        return new(scheme, port, port);
    }

    // 10000 above the usual port, so that a server of the system's own is no hindrance; else any that is free.
    private LocalEndpoint ContainerEndpoint(string resource, string scheme, int target)
    {
        var usual = target + 10_000;
        var port =
            settings.Port(resource) is { } chosen ? ClaimPort(chosen, $"Ports:{resource}", resource)
            : usual <= ushort.MaxValue && IsFree(usual) ? usual
            : PostgresCluster.FreePort();
        return new(scheme, port, target);
    }

    private static int ClaimPort(int port, string setting, string resource) =>
        port == 0 ? PostgresCluster.FreePort()
        : IsFree(port) ? port
        : throw PortInUse(port, setting, resource);

    public static SetupException PortInUse(int port, string setting, string resource) =>
        new(
            $"Port {port} is in use, and \"{resource}\" needs it: end what uses it, or choose another one with --{setting}=…"
        );

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
