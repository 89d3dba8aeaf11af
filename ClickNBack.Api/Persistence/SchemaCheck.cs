using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ClickNBack.Api.Persistence;

/// <summary>The schema that this build was written for.</summary>
public static class SchemaVersion
{
    /// <summary>
    /// The newest migration this build needs. Migrations only add, so a database that has more is fine: during a deploy the
    /// previous release runs on the next one's schema.
    /// </summary>
    public const string Expected = "20261121000000_Initial";
}

/// <summary>Ready means: the database answers and has the schema that this build expects (H1).</summary>
public sealed class SchemaCheck(ClickNBackDbContext db) : IHealthCheck
{
    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    )
    {
        try
        {
            var applied = await db
                .Database.SqlQuery<bool>(
                    $"""SELECT EXISTS (SELECT 1 FROM "__EFMigrationsHistory" WHERE "MigrationId" = {SchemaVersion.Expected}) AS "Value" """
                )
                .SingleAsync(cancellationToken);
            return applied
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy($"The database lacks migration {SchemaVersion.Expected}.");
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return HealthCheckResult.Unhealthy("The database does not answer.", exception);
        }
    }
}
