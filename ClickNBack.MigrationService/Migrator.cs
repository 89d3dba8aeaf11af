using ClickNBack.Api.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Polly;
using Polly.Retry;

namespace ClickNBack.MigrationService;

/// <summary>A database of a later release, on which this build does not work.</summary>
/// <param name="contracts">The migrations that took away what this build needs.</param>
internal sealed class DatabaseIsNewerException(IReadOnlyList<string> contracts)
    : Exception(
        $"The database is newer than this build: it has {string.Join(", ", contracts)}. Run the migration worker of the newest release."
    );

/// <summary>A migration that was not given the locks it needs, however often it tried.</summary>
/// <param name="migration">Its name.</param>
/// <param name="holders">The sessions that have held locks all the while.</param>
internal sealed class TablesAreLockedException(string migration, IReadOnlyList<string> holders)
    : Exception(
        $"Migration {migration} did not get its locks and changed nothing. Held by: "
            + (holders.Count == 0 ? "nobody for long; there is much traffic" : string.Join("; ", holders))
    );

/// <summary>The versioned schema.</summary>
internal sealed class Migrator(
    ClickNBackDbContext db,
    IOptions<DatabaseOptions> options,
    TimeProvider time,
    ILogger<Migrator> logger
)
{
    private const int Attempts = 5;

    /// <summary>
    /// The migrations of later releases that the database has. A migration only adds, so that this build works on it all the same;
    /// one that takes something away says so by a name that begins with <c>Contract</c>.
    /// </summary>
    /// <exception cref="DatabaseIsNewerException">One of them takes something away.</exception>
    public async Task<IReadOnlyList<string>> LaterAsync(CancellationToken cancel)
    {
        var known = db.Database.GetMigrations().ToHashSet(StringComparer.Ordinal);
        var later = (await db.Database.GetAppliedMigrationsAsync(cancel)).Where(it => !known.Contains(it)).ToArray();
        var contracts = later.Where(it => it.Contains("_Contract", StringComparison.Ordinal)).ToArray();
        return contracts.Length == 0 ? later : throw new DatabaseIsNewerException(contracts);
    }

    private async Task<IReadOnlyList<string>> PendingAsync(CancellationToken cancel)
    {
        await LaterAsync(cancel);
        return [.. await db.Database.GetPendingMigrationsAsync(cancel)];
    }

    /// <summary>
    /// Applies what the database lacks, each migration in a transaction of its own, but for indexes that are built beside the
    /// traffic. Where somebody would wait behind it, it never waits long for a lock, and tries a few times. Needs an open
    /// connection.
    /// </summary>
    /// <exception cref="DatabaseIsNewerException">The database is of a release on whose schema this build does not work.</exception>
    /// <exception cref="TablesAreLockedException">Somebody holds a lock that a migration needs.</exception>
    public async Task MigrateAsync(CancellationToken cancel)
    {
        await db.GetService<IHistoryRepository>().CreateIfNotExistsAsync(cancel);
        foreach (var migration in await PendingAsync(cancel))
        {
            await ApplyAsync(migration, cancel);
        }
    }

    private async Task ApplyAsync(string migration, CancellationToken cancel)
    {
        var patience = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(
                new RetryStrategyOptions
                {
                    ShouldHandle = new PredicateBuilder().Handle<Exception>(IsLockTimeout),
                    MaxRetryAttempts = Attempts - 1,
                    Delay = TimeSpan.FromSeconds(1), // in which whoever waited behind the migration gets through
                    OnRetry = _ =>
                    {
                        logger.LogWarning("Migration {Migration} waits for a lock; trying again", migration);
                        return ValueTask.CompletedTask;
                    },
                }
            )
            .Build();
        var limit = $"{options.Value.LockTimeoutSeconds}s";
        await db.Database.ExecuteSqlAsync($"SELECT set_config('lock_timeout', {limit}, false)", cancel);
        logger.LogInformation("Applying migration {Migration}", migration);
        try
        {
            await patience.ExecuteAsync(
                async token => await db.GetService<IMigrator>().MigrateAsync(migration, token),
                cancel
            );
        }
        catch (Exception exception) when (IsLockTimeout(exception))
        {
            throw new TablesAreLockedException(migration, await LockHoldersAsync(cancel));
        }
    }

    // EF Core wraps what it thinks worth a retry.
    private static bool IsLockTimeout(Exception exception) =>
        exception.GetBaseException() is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable };

    // Once the wait is over PostgreSQL does not say any more for whom it was (pg_blocking_pids): whoever has been holding
    // locks on tables for that long.
    private Task<List<string>> LockHoldersAsync(CancellationToken cancel) =>
        db
            .Database.SqlQuery<string>(
                $"""
                SELECT format('process %s (%s, %s for %s s) on %s', pid, usename, state,
                              extract(epoch FROM now() - xact_start)::int,
                              string_agg(DISTINCT relation::regclass::text, ', ')) AS "Value"
                FROM pg_stat_activity JOIN pg_locks USING (pid)
                WHERE datname = current_database() AND pid <> pg_backend_pid() AND granted
                    AND relation >= 16384 AND xact_start < now() - current_setting('lock_timeout')::interval
                GROUP BY pid, usename, state, xact_start
                ORDER BY xact_start
                LIMIT 5
                """
            )
            .ToListAsync(cancel);
}
