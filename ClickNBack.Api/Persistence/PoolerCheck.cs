using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace ClickNBack.Api.Persistence;

/// <summary>
/// Not ready behind a pooler before somebody has said whether it keeps prepared statements: one that does not fails a request
/// here and there.
/// </summary>
internal sealed class PoolerCheck(NpgsqlDataSource database) : IHealthCheck
{
    private static readonly HealthCheckResult Pooled = HealthCheckResult.Unhealthy(
        "A pooler stands before the database: the connection string must say \"Max Auto Prepare\", 0 if the pooler keeps no "
            + "prepared statements."
    );

    private volatile bool _isDirect;

    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    )
    {
        if (_isDirect)
        {
            return HealthCheckResult.Healthy();
        }

        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            _isDirect = !await Database.IsPooledAsync(connection, cancellationToken);
            return _isDirect ? HealthCheckResult.Healthy() : Pooled;
        }
        catch (NpgsqlException exception)
        {
            return HealthCheckResult.Unhealthy("The database does not answer.", exception);
        }
    }
}
