// The whole platform: PostgreSQL -> migrations (runs to completion) -> API.
using Microsoft.Extensions.Configuration;

var builder = DistributedApplication.CreateBuilder(args);
var publishing = builder.ExecutionContext.IsPublishMode;
if (!publishing)
{
    LocalParameters.Prepare(builder.Configuration); // generated once per machine: nobody is asked
}

var jwtKey = builder.AddParameter("jwt-signing-key", secret: true);
var apiPassword = builder.AddParameter("api-database-password", secret: true);

// The owner migrates; the API connects as a role that can neither change the schema nor rewrite history.
IResourceBuilder<IResourceWithConnectionString> ownerDatabase;
IResourceBuilder<IResourceWithConnectionString> apiDatabase;
if (!publishing && builder.Configuration.GetConnectionString("clicknback") is not null)
{
    ownerDatabase = builder.AddConnectionString("clicknback");
    apiDatabase = builder.AddConnectionString("clicknback-api");
}
else
{
    var user = builder.AddParameter("postgres-user", "clicknback", publishValueAsDefault: true);
    var password = builder.AddParameter("postgres-password", secret: true);
    var postgres = builder
        .AddPostgres("postgres", user, password)
        .WithImageTag("17")
        .WithDataVolume("clicknback-postgres");
    var endpoint = postgres.Resource.PrimaryEndpoint;
    ownerDatabase = postgres.AddDatabase("clicknback");
    apiDatabase = builder.AddConnectionString(
        "clicknback-api",
        ReferenceExpression.Create(
            $"Host={endpoint.Property(EndpointProperty.Host)};Port={endpoint.Property(EndpointProperty.Port)};Username=clicknback_api;Password={apiPassword};Database=clicknback"
        )
    );
}

var migrations = builder
    .AddProject<Projects.ClickNBack_MigrationService>("migrations")
    .WithReferenceEnvironment(ReferenceEnvironmentInjectionFlags.ConnectionString)
    .WithReference(ownerDatabase)
    .WithEnvironment("Database__ApiRolePassword", apiPassword)
    .WaitFor(ownerDatabase);

var api = builder.AddProject<Projects.ClickNBack_Api>("api", options => options.ExcludeLaunchProfile = publishing);
if (publishing)
{
    api.WithHttpEndpoint(targetPort: 8080);
}

api.WithReferenceEnvironment(ReferenceEnvironmentInjectionFlags.ConnectionString)
    .WithReference(apiDatabase, connectionName: "clicknback")
    .WaitForCompletion(migrations)
    .WithEnvironment("Authentication__SigningKey", jwtKey)
    .WithHttpHealthCheck("/ready")
    .WithExternalHttpEndpoints();

await builder.Build().RunAsync();
