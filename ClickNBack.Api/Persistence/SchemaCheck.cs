using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ClickNBack.Api.Persistence;

/// <summary>The schema that this build was written for.</summary>
public sealed class SchemaVersion
{
    /// <summary>
    /// The newest migration this build needs. Migrations only add, so a database that has more is fine: during a deploy the
    /// previous release runs on the next one's schema.
    /// </summary>
    public const string Expected = "20261121000000_Initial";

    private volatile bool _applied;

    /// <summary>Asks the database. Throws if it does not answer.</summary>
    public async Task<bool> IsAppliedAsync(ClickNBackDbContext db, CancellationToken cancel)
    {
        if (_applied)
        {
            // Migrations are never undone, so this stays true; and while the next one runs, its table is locked.
            return await db.Database.SqlQuery<bool>($"""SELECT true AS "Value" """).SingleAsync(cancel);
        }

        return _applied = await db
            .Database.SqlQuery<bool>(
                $"""SELECT EXISTS (SELECT 1 FROM "__EFMigrationsHistory" WHERE "MigrationId" = {Expected}) AS "Value" """
            )
            .SingleAsync(cancel);
    }
}

/// <summary>Ready means: the database answers and has the schema that this build expects (H1).</summary>
public sealed class SchemaCheck(ClickNBackDbContext db, SchemaVersion version) : IHealthCheck
{
    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    )
    {
        try
        {
            return await version.IsAppliedAsync(db, cancellationToken)
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy($"The database lacks migration {SchemaVersion.Expected}.");
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return HealthCheckResult.Unhealthy("The database does not answer.", exception);
        }
    }
}
