#if !ASPIRE
using ClickNBack.AppHost.Standalone;

namespace ClickNBack.Tests.Graph;

public class ManifestTests
{
    [Fact]
    public void The_committed_manifest_can_be_run()
    {
        var plan = new RunPlan(Settings.Load(["--Ports:api=0"]), Manifest.Load(Settings.Load([]).ManifestFile));

        Assert.Equal(["postgres", "migrations", "api"], plan.Active.Select(resource => resource.Name));
        Assert.Equal(["postgres"], plan.DependenciesOf(plan.Active[1]));
        Assert.Equal(["postgres", "migrations"], plan.DependenciesOf(plan.Active[2]));
        Assert.Equal(["clicknback"], plan.DatabasesIn("postgres"));
    }

    [Fact]
    public void A_resource_type_it_cannot_run_is_a_clear_error()
    {
        var problem = Assert.Throws<SetupException>(() =>
            Manifest.Parse("""{"resources":{"queue":{"type":"azure.bicep.v0"}}}""")
        );

        Assert.Contains("\"queue\"", problem.Message);
        Assert.Contains("azure.bicep.v0", problem.Message);
    }

    [Fact]
    public void A_property_it_does_not_know_is_a_clear_error()
    {
        var problem = Assert.Throws<SetupException>(() =>
            Manifest.Parse("""{"resources":{"api":{"type":"project.v0","path":"x","sidecar":true}}}""")
        );

        Assert.Contains("\"api\"", problem.Message);
        Assert.Contains("sidecar", problem.Message);
    }

    [Fact]
    public void Something_without_resources_is_a_clear_error() =>
        Assert.Throws<SetupException>(() => Manifest.Parse("{}"));

    [Fact]
    public void An_unknown_reference_is_a_clear_error_before_anything_starts()
    {
        var problem = Fails("""{"resources":{"job":{"type":"project.v0","path":"x","env":{"A":"{nothing.value}"}}}}""");

        Assert.Contains("\"job\"", problem);
        Assert.Contains("{nothing.value}", problem);
    }

    [Fact]
    public void Resources_that_wait_for_each_other_are_a_clear_error()
    {
        var binding = """{"http":{"scheme":"http","protocol":"tcp","transport":"http","targetPort":1} }""";
        var problem = Fails(
            $$"""
            {"resources":{
              "a":{"type":"project.v0","path":"x","env":{"B":"{b.bindings.http.url}"},"bindings":{{binding}} },
              "b":{"type":"project.v0","path":"x","env":{"A":"{a.bindings.http.url}"},"bindings":{{binding}} } } }
            """
        );

        Assert.Contains("wait for each other: a, b", problem);
    }

    [Fact]
    public void A_configured_database_replaces_the_server_and_needs_the_connection_of_the_api()
    {
        var manifest = Manifest.Load(Settings.Load([]).ManifestFile);
        const string Owner = "--ConnectionStrings:clicknback=Host=db;Password=hidden";

        var problem = Assert.Throws<SetupException>(() =>
            new RunPlan(Settings.Load(["--Ports:api=0", Owner]), manifest)
        );
        Assert.Contains("ConnectionStrings:clicknback-api", problem.Message);

        var plan = new RunPlan(
            Settings.Load(["--Ports:api=0", Owner, "--ConnectionStrings:clicknback-api=Host=db;Password=other"]),
            manifest
        );
        Assert.Equal(["migrations", "api"], plan.Active.Select(resource => resource.Name));
        Assert.Equal("Host=db;Password=other", plan.Resolver.Resolve("api", "{clicknback-api.connectionString}"));
        Assert.DoesNotContain("other", plan.Shown.Resolve("api", "{clicknback-api.connectionString}"));
    }

    [Fact]
    public void The_role_gets_the_password_of_the_connection_string_and_no_other()
    {
        var plan = new RunPlan(
            Settings.Load([
                "--Ports:api=0",
                "--ConnectionStrings:clicknback=Host=db;Password=hidden",
                "--ConnectionStrings:clicknback-api=Host=db;Username=clicknback_api;Pwd=other",
                "--Parameters:api-database-password=stored by an earlier run",
            ]),
            Manifest.Load(Settings.Load([]).ManifestFile)
        );

        Assert.Equal("other", plan.Resolver.Resolve("migrations", "{api-database-password.value}"));
        Assert.Contains("other", plan.Parameters.SecretsInUse);
    }

    [Fact]
    public void The_connection_of_the_api_alone_is_a_clear_error()
    {
        var problem = Assert.Throws<SetupException>(() =>
            new RunPlan(
                Settings.Load(["--Ports:api=0", "--ConnectionStrings:clicknback-api=Host=db;Password=other"]),
                Manifest.Load(Settings.Load([]).ManifestFile)
            )
        );

        Assert.Contains("ConnectionStrings:clicknback is missing", problem.Message);
    }

    [Theory]
    [InlineData("--Ports:api=banana", "Ports:api is \"banana\"")]
    [InlineData("--Ports:api=65536", "from 0 to 65535")]
    [InlineData("--Manifest=/nowhere/at/all.json", "/nowhere/at/all.json")]
    public void A_wrong_setting_is_a_clear_error(string argument, string expected)
    {
        var problem = Assert.Throws<SetupException>(() => Settings.Load([argument]).Port("api"));

        Assert.Contains(expected, problem.Message);
    }

    [Fact]
    public void Launch_settings_give_the_address_and_the_variables_of_the_first_profile()
    {
        var settings = LaunchSettings.Load(Path.Combine(Settings.Load([]).Root, "ClickNBack.AppHost"));

        Assert.Equal(15080, settings.Address?.Port);
        Assert.Equal("Development", settings.Environment["DOTNET_ENVIRONMENT"]);
        Assert.Empty(LaunchSettings.Load(Path.GetTempPath()).Environment);
    }

    private static string Fails(string manifest) =>
        Assert
            .Throws<SetupException>(() =>
                new RunPlan(Settings.Load(["--Ports:a=0", "--Ports:b=0"]), Manifest.Parse(manifest))
            )
            .Message;
}
#endif
