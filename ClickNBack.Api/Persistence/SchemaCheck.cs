using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace ClickNBack.Api.Persistence;

/// <summary>The schema that this build was written for.</summary>
internal static class SchemaVersion
{
    /// <summary>
    /// The newest migration this build needs. Migrations only add, so a database that has more is fine: during a deploy the
    /// previous release runs on the next one's schema.
    /// </summary>
    public const string Expected = "20261121000000_Initial";
}

/// <summary>
/// Ready means: the database answers and has the schema that this build expects (H1). Asked over a connection of its own,
/// so that many that wait for the others do not make a working process look dead.
/// </summary>
internal sealed class SchemaCheck(string connectionString) : IHealthCheck, IAsyncDisposable
{
    private readonly NpgsqlDataSource _database = NpgsqlDataSource.Create(
        new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = 1, ApplicationName = "clicknback-ready" }
    );

    private volatile bool _isApplied;

    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    )
    {
        try
        {
            // Migrations are never undone, so once applied is enough; and while the next one runs, its table is locked.
            await using var question = _isApplied
                ? _database.CreateCommand("SELECT true")
                : _database.CreateCommand(
                    $"""SELECT EXISTS (SELECT 1 FROM "__EFMigrationsHistory" WHERE "MigrationId" = '{SchemaVersion.Expected}')"""
                );
            _isApplied = await question.ExecuteScalarAsync(cancellationToken) is true;
            return _isApplied
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy($"The database lacks migration {SchemaVersion.Expected}.");
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return HealthCheckResult.Unhealthy("The database does not answer.", exception);
        }
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();
}
