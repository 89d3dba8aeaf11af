using Microsoft.Extensions.Logging.Abstractions;

namespace ClickNBack.Tests.Graph;

/// <summary>What the AppHost describes, without starting it.</summary>
public class ApplicationModelTests
{
    [Fact]
    public async Task The_api_waits_for_the_migrations_to_complete()
    {
        await using var builder = await PlatformGraph.CreateBuilderAsync();
        var api = builder.Resources.OfType<ProjectResource>().Single(resource => resource.Name == "api");

        Assert.Contains(
            api.Annotations.OfType<WaitAnnotation>(),
            wait => wait.Resource.Name == "migrations" && wait.WaitType == WaitType.WaitForCompletion
        );
    }

    [Theory]
    [InlineData("api", "ConnectionStrings__clicknback", "{clicknback-api.connectionString}")]
    [InlineData("api", "Authentication__SigningKey", "{jwt-signing-key.value}")]
    [InlineData("api", "Encryption__Key", "{data-encryption-key.value}")]
    [InlineData("migrations", "ConnectionStrings__clicknback", "{clicknback.connectionString}")]
    [InlineData("migrations", "Database__ApiRolePassword", "{api-database-password.value}")]
    public async Task Each_project_gets_what_it_needs_and_the_api_the_restricted_role(
        string project,
        string variable,
        string expected
    )
    {
        await using var builder = await PlatformGraph.CreateBuilderAsync();
        var resource = builder.Resources.OfType<ProjectResource>().Single(each => each.Name == project);
        var configuration = await ExecutionConfigurationBuilder
            .Create(resource)
            .WithEnvironmentVariablesConfig()
            .BuildAsync(new(DistributedApplicationOperation.Publish), NullLogger.Instance, default);

        Assert.Equal(expected, configuration.EnvironmentVariables.ToDictionary()[variable]);
    }

    [Fact]
    public async Task A_configured_database_takes_the_place_of_an_own_server()
    {
        await using var builder = await PlatformGraph.CreateBuilderAsync(
            "--ConnectionStrings:clicknback=Host=db;Username=owner;Password=the-owners;Database=shop",
            "--Parameters:api-database-password=the-apis"
        );

        Assert.DoesNotContain(builder.Resources, resource => resource.Name == "postgres");
        var api = (IResourceWithConnectionString)builder.Resources.Single(each => each.Name == "clicknback-api");
        Assert.Equal(
            "Host=db;Username=clicknback_api;Database=shop;Password=the-apis",
            await api.GetConnectionStringAsync()
        );
    }

    [Fact]
    [Trait("Category", "Drift")]
    public async Task The_committed_manifest_is_what_the_app_host_publishes()
    {
        // Its paths are relative to where it is published, so it is published beside the committed one.
        var committed = Path.Combine(PlatformGraph.Root, "aspire-manifest.json");
        var published = Path.Combine(PlatformGraph.Root, $"aspire-manifest.{Path.GetRandomFileName()}.json");
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

            Assert.Equal(await File.ReadAllBytesAsync(committed), await File.ReadAllBytesAsync(published));
        }
        finally
        {
            File.Delete(published);
        }
    }
}
