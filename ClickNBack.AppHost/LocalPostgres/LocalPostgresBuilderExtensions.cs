using Microsoft.Extensions.DependencyInjection;

namespace ClickNBack.AppHost.LocalPostgres;

/// <summary>
/// A hosting integration: PostgreSQL 15 or newer from this machine's own programs, used like <c>AddPostgres</c>.
/// <code>
/// var server = builder.AddLocalPostgres("postgres", user, password, binaries, folder);
/// builder.AddProject&lt;…&gt;("api").WithReference(server.AddDatabase("shop"));
/// </code>
/// The server listens on a free port of the loopback interface and asks for a password. Its data stay in the folder; they
/// are made at the first start, and a cluster that was left half made, or by a server that was killed, mends itself.
/// </summary>
internal static class LocalPostgresBuilderExtensions
{
    /// <summary>Adds the server.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="user">The superuser.</param>
    /// <param name="password">The superuser's password.</param>
    /// <param name="binaries">The programs to run.</param>
    /// <param name="folder">Where the data are; made if it is not there.</param>
    /// <param name="keep">Whether the data outlive the application.</param>
    public static IResourceBuilder<LocalPostgresResource> AddLocalPostgres(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name,
        IResourceBuilder<ParameterResource> user,
        IResourceBuilder<ParameterResource> password,
        PostgresBinaries binaries,
        string folder,
        bool keep = true
    )
    {
        var cluster = new PostgresCluster(folder, binaries, keep);
        builder.Services.AddKeyedSingleton(name, (_, _) => cluster); // disposed with the application
        builder.Eventing.Subscribe<BeforeStartEvent>(
            (start, _) =>
            {
                start.Services.GetRequiredKeyedService<PostgresCluster>(name).Lock();
                return Task.CompletedTask;
            }
        );
        var resource = new LocalPostgresResource(name, cluster.Command[0], user.Resource, password.Resource);
        var (check, connection) = ($"{name}-accepts-connections", "");
        builder.Services.AddHealthChecks().AddNpgSql(_ => connection, name: check);
        return builder
            .AddResource(resource)
            .WithEndpoint(name: LocalPostgresResource.EndpointName, scheme: "tcp", isProxied: false)
            .WithArgs(context =>
            {
                foreach (var argument in cluster.Command.Skip(1))
                {
                    context.Args.Add(argument);
                }

                context.Args.Add("-p");
                context.Args.Add(resource.PrimaryEndpoint.Property(EndpointProperty.TargetPort));
            })
            .WithHealthCheck(check)
            .WithIconName("Database")
            .ExcludeFromManifest()
            .OnBeforeResourceStarted( // the start waits for it
                async (_, start, cancel) =>
                {
                    // Not pooled: told to end, PostgreSQL waits until everybody has left.
                    var server = await resource.ConnectionStringExpression.GetValueAsync(cancel);
                    connection = $"{server};Database=postgres;Pooling=false";
                    await start
                        .Services.GetRequiredKeyedService<PostgresCluster>(name)
                        .PrepareAsync(
                            (await user.Resource.GetValueAsync(cancel))!,
                            (await password.Resource.GetValueAsync(cancel))!,
                            resource.Databases,
                            cancel
                        );
                }
            );
    }

    /// <summary>Adds a database, which is there when the server is ready.</summary>
    /// <param name="server">The server.</param>
    /// <param name="name">The name of the resource and of the database.</param>
    public static IResourceBuilder<ConnectionStringResource> AddDatabase(
        this IResourceBuilder<LocalPostgresResource> server,
        [ResourceName] string name
    )
    {
        server.Resource.Databases.Add(name);
        return server
            .ApplicationBuilder.AddConnectionString(name, ReferenceExpression.Create($"{server};Database={name}"))
            .WithParentRelationship(server)
            .WaitFor(server);
    }
}
