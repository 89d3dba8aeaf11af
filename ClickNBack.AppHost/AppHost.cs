// The whole platform: PostgreSQL -> migrations (runs to completion) -> API -> merchants (if somebody starts them).
using ClickNBack.AppHost;

var builder = DistributedApplication.CreateBuilder(args);
var publishing = builder.ExecutionContext.IsPublishMode;

var signingKey = builder.AddGeneratedSecret("jwt-signing-key");
var encryptionKey = builder.AddGeneratedSecret("data-encryption-key");
var apiPassword = builder.AddGeneratedSecret("api-database-password");

// The owner migrates; the API connects as a role that can neither change the schema nor rewrite history.
var database = builder.AddPlatformDatabase(apiPassword);
database.Owner.WithLedgerCheck();

var migrations = builder
    .AddProject<Projects.ClickNBack_MigrationService>("migrations")
    .WithReferenceEnvironment(ReferenceEnvironmentInjectionFlags.ConnectionString)
    .WithReference(database.Owner)
    .WithEnvironment("Database__ApiRolePassword", apiPassword)
    .WaitFor(database.Owner)
    .WithSeedCommand();

var api = builder.AddProject<Projects.ClickNBack_Api>("api", options => options.ExcludeLaunchProfile = publishing);
if (publishing)
{
    api.WithHttpEndpoint(targetPort: 8080);
}

api.WithFreePort()
    .WithReferenceEnvironment(ReferenceEnvironmentInjectionFlags.ConnectionString)
    .WithReference(database.Api, connectionName: "clicknback")
    .WaitForCompletion(migrations)
    .WithEnvironment("Authentication__SigningKey", signingKey)
    .WithEnvironment("Encryption__Key", encryptionKey)
    .WithHttpHealthCheck("/ready")
    .WithExternalHttpEndpoints()
    .WithUrlForEndpoint("http", url => url.DisplayText = "API")
    .WithUrlForEndpoint("http", _ => new() { Url = "/docs", DisplayText = "API documentation" })
    .WithUrlForEndpoint("http", _ => new() { Url = "/console", DisplayText = "Console" })
    .WithDemoLogin();
api.WithSimulatedMerchants();
if (database.IsOurs)
{
    database.Owner.WithThrowAway(migrations, api);
}

return await builder.AddLocalRun().Build().RunToExitCodeAsync();
