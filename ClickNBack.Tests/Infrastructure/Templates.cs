using ClickNBack.MigrationService;
using Npgsql;

namespace ClickNBack.Tests.Infrastructure;

/// <summary>
/// Databases that the migration worker made, once a run; each test class gets a copy. The worker runs in this process,
/// through its own entry point.
/// </summary>
internal static class Templates
{
    /// <summary>The password of the role as which the API connects; one for the whole server.</summary>
    public const string ApiRolePassword = "api-role-of-the-tests";

    public const string AdminEmail = "root@clicknback.test";

    public const string AdminPassword = "R00t!root";

    /// <summary>What makes the worker seed the demo with its documented password.</summary>
    public static readonly (string Key, string Value)[] Demo = [("environment", "Development"), ("Seed:Demo", "true")];

    private static readonly SemaphoreSlim Gate = new(1, 1);
    private static readonly HashSet<string> Made = [];

    /// <summary>Migrated, with one administrator and nothing else.</summary>
    public static Task<string> EmptyAsync() => MakeAsync("template_empty", ("Seed:AdminEmail", AdminEmail));

    /// <summary>The same with the demo.</summary>
    public static Task<string> DemoAsync() => MakeAsync("template_demo", [("Seed:AdminEmail", AdminEmail), .. Demo]);

    /// <summary>Runs the migration worker as the graph does; answers its exit code and what it printed.</summary>
    public static async Task<(int ExitCode, string Output)> MigrateAsync(
        string connectionString,
        string[] commands,
        params (string Key, string Value)[] settings
    )
    {
        await using var output = new StringWriter();
        (string Key, string Value)[] all =
        [
            ("ConnectionStrings:clicknback", connectionString),
            ("Database:ApiRolePassword", ApiRolePassword),
            ("Seed:AdminPassword", AdminPassword),
            ("Logging:LogLevel:Default", "Critical"),
            .. settings,
        ];
        string[] arguments = [.. commands, .. all.Select(it => $"--{it.Key}={it.Value}")];
        var exitCode = await MigrationProgram.RunAsync(arguments, output);
        return (exitCode, output.ToString());
    }

    private static async Task<string> MakeAsync(string name, params (string, string)[] settings)
    {
        await Gate.WaitAsync();
        try
        {
            if (!Made.Contains(name))
            {
                var server = await PostgresServer.StartedAsync();
                await TestDatabase.ExecuteAsync(server.ConnectionString("postgres"), $"CREATE DATABASE {name}");
                var (exitCode, output) = await MigrateAsync(server.ConnectionString(name), [], settings);
                Assert.True(exitCode == 0, $"The migration worker failed: {output}");
                NpgsqlConnection.ClearAllPools(); // a template must have no connections
                Made.Add(name);
            }

            return name;
        }
        finally
        {
            Gate.Release();
        }
    }
}
