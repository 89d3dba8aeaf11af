using Npgsql;

namespace ClickNBack.AppHost;

/// <summary>What a person can have done in the dashboard, or by <c>aspire resource NAME COMMAND</c>.</summary>
internal static class PlatformCommands
{
    /// <summary>The command that asks the database whether all money adds up.</summary>
    public const string CheckLedger = "check-ledger";

    /// <summary>The command that gives the login of a demo user.</summary>
    public const string DemoLogin = "demo-login";

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
}
