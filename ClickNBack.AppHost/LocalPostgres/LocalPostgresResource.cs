namespace ClickNBack.AppHost.LocalPostgres;

/// <summary>A PostgreSQL server that runs from the programs installed on this machine, where no container engine is at hand.</summary>
internal sealed class LocalPostgresResource(
    string name,
    string command,
    ParameterResource user,
    ParameterResource password
) : ExecutableResource(name, command, Path.GetTempPath()), IResourceWithConnectionString
{
    /// <summary>The name of its one endpoint, as of a PostgreSQL that runs in a container.</summary>
    public const string EndpointName = "tcp";

    /// <summary>Where it listens.</summary>
    public EndpointReference PrimaryEndpoint => field ??= new(this, EndpointName);

    /// <summary>The databases that it has when it is ready.</summary>
    public ICollection<string> Databases { get; } = [];

    public ReferenceExpression ConnectionStringExpression =>
        ReferenceExpression.Create(
            $"Host={PrimaryEndpoint.Property(EndpointProperty.Host)};Port={PrimaryEndpoint.Property(EndpointProperty.Port)};Username={user};Password={password}"
        );
}
