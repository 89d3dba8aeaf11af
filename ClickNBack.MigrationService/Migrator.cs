using ClickNBack.Api.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Logging;

namespace ClickNBack.MigrationService;

/// <summary>A database that has migrations this build does not know.</summary>
/// <param name="unknown">Their names.</param>
public sealed class DatabaseIsNewerException(IReadOnlyList<string> unknown)
    : Exception(
        $"The database is newer than this build: it has {string.Join(", ", unknown)}. Run the migration worker of the newest release."
    );

/// <summary>The versioned schema.</summary>
public sealed class Migrator(ClickNBackDbContext db, ILogger<Migrator> logger)
{
    /// <summary>All migrations of this build, oldest first, and whether the database has them.</summary>
    public async Task<IReadOnlyList<(string Name, bool Applied)>> ListAsync(CancellationToken cancel)
    {
        var applied = await db.Database.GetAppliedMigrationsAsync(cancel);
        return [.. db.Database.GetMigrations().Select(it => (it, applied.Contains(it, StringComparer.Ordinal)))];
    }

    /// <summary>What the database lacks.</summary>
    /// <exception cref="DatabaseIsNewerException">The database has migrations this build does not know.</exception>
    public async Task<IReadOnlyList<string>> PendingAsync(CancellationToken cancel)
    {
        var known = db.Database.GetMigrations().ToHashSet(StringComparer.Ordinal);
        var unknown = (await db.Database.GetAppliedMigrationsAsync(cancel)).Where(it => !known.Contains(it)).ToArray();
        return unknown.Length == 0
            ? [.. await db.Database.GetPendingMigrationsAsync(cancel)]
            : throw new DatabaseIsNewerException(unknown);
    }

    /// <summary>Applies what the database lacks, each migration in a transaction of its own.</summary>
    /// <exception cref="DatabaseIsNewerException">The database has migrations this build does not know.</exception>
    public async Task MigrateAsync(CancellationToken cancel)
    {
        await db.GetService<IHistoryRepository>().CreateIfNotExistsAsync(cancel);
        foreach (var migration in await PendingAsync(cancel))
        {
            logger.LogInformation("Applying migration {Migration}", migration);
            await db.GetService<IMigrator>().MigrateAsync(migration, cancel);
        }
    }

    /// <summary>The SQL of all migrations, safe to run on a database of any version.</summary>
    public string Script() =>
        db.GetService<IMigrator>().GenerateScript(options: MigrationsSqlGenerationOptions.Idempotent);
}
