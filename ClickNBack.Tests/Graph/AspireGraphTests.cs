#if ASPIRE
using Microsoft.Extensions.Logging.Abstractions;

namespace ClickNBack.Tests.Graph;

/// <summary>The graph under real Aspire: its model, its manifest, and the running whole.</summary>
public class AspireGraphTests
{
    private static readonly string[] Secrets =
    [
        "--Parameters:postgres-password=postgres-password-of-a-test",
        "--Parameters:jwt-signing-key=signing-key-of-a-test-with-more-than-32-bytes",
        "--Parameters:api-database-password=api-password-of-a-test",
    ];

    [Fact]
    public async Task The_api_waits_for_the_migrations_to_complete()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.ClickNBack_AppHost>(
            Secrets
        );
        var api = builder.Resources.OfType<ProjectResource>().Single(resource => resource.Name == "api");

        Assert.Contains(
            api.Annotations.OfType<WaitAnnotation>(),
            wait => wait.Resource.Name == "migrations" && wait.WaitType == WaitType.WaitForCompletion
        );
    }

    [Theory]
    [InlineData("api", "ConnectionStrings__clicknback", "{clicknback-api.connectionString}")]
    [InlineData("api", "Authentication__SigningKey", "{jwt-signing-key.value}")]
    [InlineData("migrations", "ConnectionStrings__clicknback", "{clicknback.connectionString}")]
    [InlineData("migrations", "Database__ApiRolePassword", "{api-database-password.value}")]
    public async Task Each_project_gets_what_it_needs_and_the_api_the_restricted_role(
        string project,
        string variable,
        string expected
    )
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.ClickNBack_AppHost>(
            Secrets
        );
        var resource = builder.Resources.OfType<ProjectResource>().Single(each => each.Name == project);
        var configuration = await ExecutionConfigurationBuilder
            .Create(resource)
            .WithEnvironmentVariablesConfig()
            .BuildAsync(new(DistributedApplicationOperation.Publish), NullLogger.Instance, default);

        Assert.Equal(expected, configuration.EnvironmentVariables.ToDictionary()[variable]);
    }

    [Fact]
    public async Task The_committed_manifest_is_what_the_app_host_publishes()
    {
        // Its paths are relative to where it is published, so it is published beside the committed one.
        var committed = Path.Combine(Root, "aspire-manifest.json");
        var published = Path.Combine(Root, $"aspire-manifest.{Path.GetRandomFileName()}.json");
        try
        {
            await using var builder =
                await DistributedApplicationTestingBuilder.CreateAsync<Projects.ClickNBack_AppHost>([
                    "--operation",
                    "publish",
                    "--step",
                    "publish-manifest",
                    "--output-path",
                    published,
                ]);
            await using var app = await builder.BuildAsync();
            await app.RunAsync();

            Assert.Equal(
                (await File.ReadAllTextAsync(committed)).ReplaceLineEndings("\n"),
                (await File.ReadAllTextAsync(published)).ReplaceLineEndings("\n")
            );
        }
        finally
        {
            File.Delete(published);
        }
    }

    [Fact]
    [Trait("needs", "container engine")]
    public async Task The_whole_graph_runs()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2)); // a missing secret would wait for ever
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.ClickNBack_AppHost>(
            Secrets,
            deadline.Token
        );
        var postgres = builder.Resources.OfType<ContainerResource>().Single(resource => resource.Name == "postgres");
        foreach (var volume in postgres.Annotations.OfType<ContainerMountAnnotation>().ToList())
        {
            postgres.Annotations.Remove(volume); // tests keep no data
        }

        await using var app = await builder.BuildAsync(deadline.Token);
        await app.StartAsync(deadline.Token);
        await app.ResourceNotifications.WaitForResourceAsync(
            "migrations",
            KnownResourceStates.Finished,
            deadline.Token
        );
        await app.ResourceNotifications.WaitForResourceHealthyAsync("api", deadline.Token);

        using var http = app.CreateHttpClient("api", "http");
        await Journey.PurchaseToCashbackAsync(http);
    }

    private static string Root
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "aspire-manifest.json")))
            {
                folder = folder.Parent ?? throw new InvalidOperationException("The repository's root was not found.");
            }

            return folder.FullName;
        }
    }
}
#endif
