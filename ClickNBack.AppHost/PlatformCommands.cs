using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace ClickNBack.AppHost;

/// <summary>What a person can have done in the dashboard, or by <c>aspire resource NAME COMMAND</c>.</summary>
internal static class PlatformCommands
{
    /// <summary>The command that asks the database whether all money adds up.</summary>
    public const string CheckLedger = "check-ledger";

    /// <summary>The command that gives the login of a demo user.</summary>
    public const string DemoLogin = "demo-login";

    /// <summary>The command that migrates and seeds once more.</summary>
    public const string Seed = "seed";

    /// <summary>The command that begins with an empty database.</summary>
    public const string ThrowAway = "throw-away";

    /// <summary>Adds the check of the money invariants to the owner's database.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> WithLedgerCheck(
        this IResourceBuilder<IResourceWithConnectionString> database
    ) =>
        database.WithCommand(
            CheckLedger,
            "Check the ledger",
            async context =>
            {
                var connection = await database.Resource.GetConnectionStringAsync(context.CancellationToken);
                await using var source = NpgsqlDataSource.Create(connection!);
                await using var command = source.CreateCommand("SELECT invariant, violations FROM money_invariants()");
                await using var rows = await command.ExecuteReaderAsync(context.CancellationToken);
                var (table, violations) = (new List<string>(), 0L);
                while (await rows.ReadAsync(context.CancellationToken))
                {
                    table.Add($"{rows.GetString(0)}: {rows.GetInt64(1)}");
                    violations += rows.GetInt64(1);
                }

                var details = string.Join('\n', table);
                return violations == 0
                    ? CommandResults.Success("All money adds up.", details, CommandResultFormat.Text)
                    : CommandResults.Failure(
                        $"{violations} violations of the money invariants.",
                        details,
                        CommandResultFormat.Text
                    );
            },
            new CommandOptions
            {
                Description = "Counts what violates the money invariants",
                IconName = "MoneyHand",
                IsHighlighted = true,
            }
        );

    /// <summary>Adds the command that shows, to be copied, whom to log in as.</summary>
    public static IResourceBuilder<ProjectResource> WithDemoLogin(this IResourceBuilder<ProjectResource> api) =>
        api.WithCommand(
            DemoLogin,
            "Show a demo login",
            _ =>
                Task.FromResult(
                    CommandResults.Success(
                        "alice is a user, carol an administrator.",
                        """{"email":"alice@clicknback.com","password":"Str0ng!Pass"}""",
                        CommandResultFormat.Json,
                        displayImmediately: true
                    )
                ),
            new CommandOptions { Description = "The body of a login, to be copied", IconName = "PersonKey" }
        );

    /// <summary>Adds the command that runs the migrations once more.</summary>
    public static IResourceBuilder<ProjectResource> WithSeedCommand(
        this IResourceBuilder<ProjectResource> migrations
    ) =>
        migrations.WithCommand(
            Seed,
            "Seed again",
            async context =>
            {
                await context.RunToEndAsync(migrations.Resource);
                return CommandResults.Success("The schema is up to date, and the demo is there.");
            },
            new CommandOptions
            {
                Description = "Brings the schema up to date and adds the demo's data where they are missing",
                IconName = "PlantGrass",
                IsHighlighted = true,
                UpdateState = it =>
                    it.ResourceSnapshot.State?.Text == KnownResourceStates.Finished
                        ? ResourceCommandState.Enabled
                        : ResourceCommandState.Disabled,
            }
        );

    /// <summary>Adds the command that makes the database anew, migrated and seeded.</summary>
    public static void WithThrowAway(
        this IResourceBuilder<IResourceWithConnectionString> database,
        IResourceBuilder<ProjectResource> migrations,
        IResourceBuilder<ProjectResource> api
    ) =>
        database.WithCommand(
            ThrowAway,
            "Throw the data away",
            async context =>
            {
                var commands = context.Services.GetRequiredService<ResourceCommandService>();
                await commands.ExecuteCommandAsync(
                    api.Resource,
                    KnownResourceCommands.StopCommand,
                    context.CancellationToken
                );
                await RecreateAsync(
                    (await database.Resource.GetConnectionStringAsync(context.CancellationToken))!,
                    context.CancellationToken
                );
                await context.RunToEndAsync(migrations.Resource);
                return await commands.ExecuteCommandAsync(
                    api.Resource,
                    KnownResourceCommands.StartCommand,
                    context.CancellationToken
                );
            },
            new CommandOptions
            {
                Description = "Makes the database anew, migrated and seeded",
                IconName = "Delete",
                ConfirmationMessage =
                    "Everything in the database will be gone, and the demo's data will be there again. Throw it away?",
            }
        );

    private static async Task RecreateAsync(string connectionString, CancellationToken cancel)
    {
        var connection = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        var database = new NpgsqlCommandBuilder().QuoteIdentifier(connection.Database!);
        connection.Database = "postgres";
        await using var source = NpgsqlDataSource.Create(connection);
        foreach (var sql in new[] { $"DROP DATABASE IF EXISTS {database} WITH (FORCE)", $"CREATE DATABASE {database}" })
        {
            await using var command = source.CreateCommand(sql);
            await command.ExecuteNonQueryAsync(cancel);
        }
    }

    // Its state is still that of the run before for a moment: what tells this run is when it ended.
    private static async Task RunToEndAsync(this ExecuteCommandContext context, ProjectResource program)
    {
        var began = TimeProvider.System.GetUtcNow().UtcDateTime;
        var commands = context.Services.GetRequiredService<ResourceCommandService>();
        await commands.ExecuteCommandAsync(program, KnownResourceCommands.StartCommand, context.CancellationToken);
        var end = await context
            .Services.GetRequiredService<ResourceNotificationService>()
            .WaitForResourceAsync(
                program.Name,
                it => it.Snapshot.StopTimeStamp?.ToUniversalTime() > began,
                context.CancellationToken
            );
        if (end.Snapshot.ExitCode != 0)
        {
            throw new DistributedApplicationException($"{program.Name} has failed; its log says why.");
        }
    }
}
