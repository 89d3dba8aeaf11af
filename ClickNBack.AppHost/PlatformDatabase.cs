using ClickNBack.AppHost.LocalPostgres;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace ClickNBack.AppHost;

/// <summary>The platform's database, as its two users see it.</summary>
/// <param name="Owner">As the owner, who migrates.</param>
/// <param name="Api">As the API's restricted role.</param>
/// <param name="IsOurs">Whether its server is part of the application.</param>
internal sealed record PlatformDatabase(
    IResourceBuilder<IResourceWithConnectionString> Owner,
    IResourceBuilder<IResourceWithConnectionString> Api,
    bool IsOurs
);

/// <summary>Where PostgreSQL comes from and where its data go: the section <c>Postgres</c> of the configuration.</summary>
internal sealed record PostgresSettings
{
    /// <summary><c>container</c> or <c>binaries</c>; null: a container where an engine answers.</summary>
    public string? From { get; init; }

    /// <summary>Whether the data, and the secrets that go with them, are there at the next start.</summary>
    public bool Keep { get; init; } = true;

    /// <summary>Where the binaries keep the data; null: a folder of this clone, outside of it.</summary>
    public string? Folder { get; init; }
}

/// <summary>Adds the platform's database.</summary>
internal static class PlatformDatabaseExtensions
{
    private const string Database = "clicknback";
    private const string ApiRole = "clicknback_api";

    /// <summary>
    /// Adds the database that <c>ConnectionStrings:clicknback</c> names, else a container where an engine answers, else a server
    /// from this machine's own PostgreSQL.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="apiPassword">The password of the API's role.</param>
    public static PlatformDatabase AddPlatformDatabase(
        this IDistributedApplicationBuilder builder,
        IResourceBuilder<ParameterResource> apiPassword
    )
    {
        var publishing = builder.ExecutionContext.IsPublishMode;
        if (!publishing && builder.Configuration.GetConnectionString(Database) is { } configured)
        {
            return builder.AddConfigured(configured, apiPassword);
        }

        builder.AddReset();
        var user = builder.AddParameter("postgres-user", Database, publishValueAsDefault: true);
        var password = builder.AddGeneratedSecret("postgres-password");
        var settings = builder.PostgresSettings();
        if (publishing)
        {
            return builder.AddContainer(
                user,
                password,
                apiPassword,
                server => server.WithDataVolume("clicknback-postgres")
            );
        }

        if (settings.From != "binaries" && ContainerEngine.Find() is { } engine)
        {
            return builder.AddContainer(
                user,
                password,
                apiPassword,
                server =>
                    (settings.Keep ? server.WithDataVolume() : server).WithReason(
                        $"PostgreSQL runs in a container, because {engine} answers."
                    )
            );
        }

        var folder = settings.Folder ?? builder.DefaultFolder(settings.Keep);
        var major = PostgresCluster.MajorOf(folder);
        if (settings.From == "container" || PostgresBinaries.Find(major) is not { } binaries)
        {
            return builder.AddNone(Missing(folder, major));
        }

        var server = builder
            .AddLocalPostgres("postgres", user, password, binaries, folder, settings.Keep)
            .WithReason(
                $"PostgreSQL {binaries.Major} runs from {binaries.Folder}, because "
                    + (settings.From is null ? "no container engine answers" : "Postgres:From says so")
                    + $"; its data are in {folder}."
            );
        return new(
            server.AddDatabase(Database),
            server.AddApiConnection(server.Resource.PrimaryEndpoint, apiPassword),
            IsOurs: true
        );
    }

    /// <summary>A secret that is generated once and kept in the user secrets; whoever deploys gives it.</summary>
    public static IResourceBuilder<ParameterResource> AddGeneratedSecret(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name
    ) =>
        builder.ExecutionContext.IsPublishMode
            ? builder.AddParameter(name, secret: true)
            : builder.AddParameter(
                name,
                new GenerateParameterDefault { MinLength = 43, Special = false }, // 256 bits, safe in URLs and connection strings
                secret: true,
                persist: builder.PostgresSettings().Keep
            );

    private static PostgresSettings PostgresSettings(this IDistributedApplicationBuilder builder) =>
        builder.Configuration.GetSection("Postgres").Get<PostgresSettings>() ?? new();

    private static PlatformDatabase AddConfigured(
        this IDistributedApplicationBuilder builder,
        string configured,
        IResourceBuilder<ParameterResource> apiPassword
    )
    {
        var server = new NpgsqlConnectionStringBuilder(configured) { Username = ApiRole, Password = null };
        return new(
            builder
                .AddConnectionString(Database)
                .WithReason("PostgreSQL is the one that ConnectionStrings:clicknback names."),
            builder.AddConnectionString(
                "clicknback-api",
                ReferenceExpression.Create($"{server.ConnectionString};Password={apiPassword}")
            ),
            IsOurs: false
        );
    }

    private static PlatformDatabase AddContainer(
        this IDistributedApplicationBuilder builder,
        IResourceBuilder<ParameterResource> user,
        IResourceBuilder<ParameterResource> password,
        IResourceBuilder<ParameterResource> apiPassword,
        Func<IResourceBuilder<PostgresServerResource>, IResourceBuilder<PostgresServerResource>> complete
    )
    {
        var server = complete(builder.AddPostgres("postgres", user, password).WithImageTag("17"));
        return new(
            server.AddDatabase(Database),
            server.AddApiConnection(server.Resource.PrimaryEndpoint, apiPassword),
            IsOurs: true
        );
    }

    private static IResourceBuilder<IResourceWithConnectionString> AddApiConnection(
        this IResourceBuilder<IResource> server,
        EndpointReference endpoint,
        IResourceBuilder<ParameterResource> apiPassword
    ) =>
        server
            .ApplicationBuilder.AddConnectionString(
                "clicknback-api",
                ReferenceExpression.Create(
                    $"Host={endpoint.Property(EndpointProperty.Host)};Port={endpoint.Property(EndpointProperty.Port)};Username={ApiRole};Password={apiPassword};Database={Database}"
                )
            )
            .WithParentRelationship(server.Resource);

    /// <summary>Adds what `make reset` runs: the volume and the folder of this clone's data go.</summary>
    private static void AddReset(this IDistributedApplicationBuilder builder) =>
        builder.Pipeline.AddStep(
            "reset",
            _ =>
            {
                PostgresCluster.Remove(builder.PostgresSettings().Folder ?? builder.DefaultFolder(keep: true));
                if (ContainerEngine.Find() is { } engine)
                {
                    var postgres = builder.Resources.Single(resource => resource.Name == "postgres");
                    var volume = VolumeNameGenerator.Generate(builder.CreateResourceBuilder(postgres), "data");
                    Tool.Run([engine, "volume", "rm", "--force", volume]);
                }

                Console.WriteLine("The local database is gone; the next `make run` starts from nothing.");
                return Task.CompletedTask;
            }
        );

    // The message comes when the application starts, before anything else does.
    private static PlatformDatabase AddNone(this IDistributedApplicationBuilder builder, string message)
    {
        builder.Eventing.Subscribe<BeforeStartEvent>((_, _) => throw new DistributedApplicationException(message));
        var none = builder.AddConnectionString(Database, ReferenceExpression.Create($""));
        return new(none, none, IsOurs: false);
    }

    private static string Missing(string folder, int? major) =>
        major is null
            ? $"""
                There is no PostgreSQL to run ClickNBack on. Any of these will do:
                  * a container engine that answers: start Docker or Podman
                  * PostgreSQL {PostgresBinaries.OldestMajor} or newer on this machine: apt-get install postgresql, brew install postgresql@17
                  * a database of yours: ConnectionStrings__clicknback="Host=…;Username=…;Password=…;Database=clicknback"
                """
            : $"The data in {folder} were written by PostgreSQL {major}, which is not installed (any more): install it, or throw them away with `make reset`.";

    private static string DefaultFolder(this IDistributedApplicationBuilder builder, bool keep)
    {
        if (!keep)
        {
            return Path.Combine(Path.GetTempPath(), $"clicknback-postgres-{Path.GetRandomFileName()}"); // made by who starts it
        }

        // The home of root is closed to the user who runs PostgreSQL.
        var home =
            OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess
                ? "/var/lib"
                : Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        return Path.Combine(home, "clicknback", builder.Configuration["AppHost:PathSha256"]![..12].ToLowerInvariant());
    }
}
