using ClickNBack.Api.Persistence;
using ClickNBack.MigrationService.Seeding;
using ClickNBack.ServiceDefaults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Polly;
using Polly.Retry;

namespace ClickNBack.MigrationService;

/// <summary>What the worker is told to do by its arguments.</summary>
internal enum MigrationCommand
{
    /// <summary>Migrate, set up the API's role, seed.</summary>
    Run,

    /// <summary><c>--rebuild-wallets</c>: corrects wallets that are not the sums of their transfers.</summary>
    RebuildWallets,

    /// <summary><c>--rebuild-wallets --dry-run</c>: succeeds only if there is nothing to correct; changes nothing.</summary>
    CompareWallets,
}

/// <summary>A connection that leads through a pooler.</summary>
internal sealed class PoolerException()
    : Exception(
        "A pooler stands before the database. Connect to PostgreSQL itself: a migration needs a session of its own."
    );

/// <summary>Brings the database to the version of this build, under a lock, and returns 0 only if all of it succeeded.</summary>
internal sealed class MigrationWorker(
    ClickNBackDbContext db,
    Migrator migrator,
    IServiceProvider services,
    IOptions<DatabaseOptions> database,
    IOptions<SeedOptions> seed,
    TimeProvider time,
    ILogger<MigrationWorker> logger
)
{
    public async Task<int> RunAsync(MigrationCommand command, TextWriter output, CancellationToken cancel)
    {
        try
        {
            return command switch
            {
                MigrationCommand.Run => await MigrateAndSeedAsync(cancel),
                MigrationCommand.RebuildWallets => await RebuildWalletsAsync(output, cancel),
                MigrationCommand.CompareWallets => await CompareWalletsAsync(output, cancel),
            };
        }
        catch (Exception exception)
            when (exception
                    is DatabaseIsNewerException
                        or TablesAreLockedException
                        or RoleIsNotOursException
                        or PoolerException
            )
        {
            logger.LogCritical("{Reason}", exception.Message);
            return ExitCode.Failure;
        }
    }

    private async Task<int> MigrateAndSeedAsync(CancellationToken cancel)
    {
        await ConnectAsync(cancel);
        var owner = (NpgsqlConnection)db.Database.GetDbConnection();
        await using var turn = await WorkerTurn.TakeAsync(owner, database.Value, logger, cancel);

        await migrator.MigrateAsync(cancel);
        var later = await migrator.LaterAsync(cancel);
        await ApiRole.EnsureLoginAsync(owner, database.Value.ApiLogin, database.Value.ApiRolePassword, cancel);
        if (later.Count > 0)
        {
            // Its role has rights on what this build does not know.
            logger.LogWarning(
                "The schema is of a later release and stays as it is: it has {Later}",
                string.Join(", ", later)
            );
            return ExitCode.Success;
        }

        logger.LogInformation("The schema is up to date");

        await ApiRole.GrantAsync(owner, cancel);
        logger.LogInformation("The role {Role} has what the API needs, and no more", ApiRole.Name);

        if (seed.Value.AdminEmail is { Length: > 0 } email)
        {
            await services.GetRequiredService<AdministratorSeed>().RunAsync(email, seed.Value.AdminPassword, cancel);
        }

        if (seed.Value.Demo)
        {
            await services.GetRequiredService<DemoSeed>().RunAsync(cancel);
        }

        return ExitCode.Success;
    }

    private async Task<int> CompareWalletsAsync(TextWriter output, CancellationToken cancel)
    {
        await ConnectAsync(cancel);
        var wrong = await services.GetRequiredService<WalletRebuild>().CompareAsync(output, cancel);
        await output.WriteLineAsync($"{wrong} wallets are not the sums of their transfers.");
        return wrong == 0 ? ExitCode.Success : ExitCode.Failure;
    }

    private async Task<int> RebuildWalletsAsync(TextWriter output, CancellationToken cancel)
    {
        await ConnectAsync(cancel);
        var owner = (NpgsqlConnection)db.Database.GetDbConnection();
        await using var turn = await WorkerTurn.TakeAsync(owner, database.Value, logger, cancel);
        var rebuild = services.GetRequiredService<WalletRebuild>();
        var corrected = await rebuild.RunAsync(output, cancel);
        await output.WriteLineAsync($"{corrected} wallets were corrected.");

        var broken = await rebuild.BrokenInvariantsAsync(cancel);
        foreach (var invariant in broken)
        {
            await output.WriteLineAsync($"Still wrong: {invariant}");
        }

        return broken.Length == 0 ? ExitCode.Success : ExitCode.Failure;
    }

    // Opened here and not by EF Core, which hides what went wrong in an exception of its own.
    private async Task ConnectAsync(CancellationToken cancel)
    {
        var connection = db.Database.GetDbConnection();
        var patience = TimeSpan.FromSeconds(database.Value.WaitSeconds);
        var waiting = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddTimeout(patience)
            .AddRetry(
                new RetryStrategyOptions
                {
                    ShouldHandle = new PredicateBuilder().Handle<NpgsqlException>(it =>
                        it.IsTransient || it is PostgresException { SqlState: PostgresErrorCodes.CannotConnectNow }
                    ),
                    MaxRetryAttempts = int.MaxValue,
                    Delay = TimeSpan.FromMilliseconds(250),
                    MaxDelay = TimeSpan.FromSeconds(2),
                    BackoffType = DelayBackoffType.Exponential,
                    OnRetry = retry =>
                    {
                        logger.LogInformation("Waiting for the database: {Reason}", retry.Outcome.Exception?.Message);
                        return ValueTask.CompletedTask;
                    },
                }
            )
            .Build();
        await waiting.ExecuteAsync(async token => await connection.OpenAsync(token), cancel);
        if (await Database.IsPooledAsync((NpgsqlConnection)connection, cancel))
        {
            throw new PoolerException();
        }
    }
}
