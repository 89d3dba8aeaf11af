namespace ClickNBack.Tests.Deployment.Rehearsal;

/// <summary>Every secret can be changed, as the guide's table says.</summary>
[Collection(RehearsalRunDefinition.Name)]
[Trait("Category", "Rehearsal")]
[Trait("Duration", "Long")]
public class SecretScenarios(RehearsalRun run)
{
    [Fact]
    public Task A_new_signing_key_leaves_everybody_logged_in() =>
        run.PlayAsync(
            "new JWT_SIGNING_KEY",
            mayFail: false,
            async notes =>
            {
                var previous = run.Server.Secrets["JWT_SIGNING_KEY"];
                run.Server.Secrets["JWT_SIGNING_KEY"] = Server.Secret();
                run.Server.Configure(new() { ["JWT_PREVIOUS_SIGNING_KEY"] = previous });
                for (var deploy = 0; deploy < 2; deploy++)
                {
                    await run.DeployAsync(run.Next, notes);
                    await run.ServedAsync(); // with tokens from before
                    await run.Traffic.LogInAsync();
                    await run.Server.ClicknbackAsync("rollback").ExpectAsync(0);
                    await run.ServedAsync(); // with tokens of the version that is rolled back
                    await run.DeployAsync(run.Next, notes);
                }

                await run.Traffic.LogInAsync();
                run.Server.Configure([]); // "after 30 days"
                await run.DeployAsync(run.Next, notes);
            }
        );

    [Fact]
    public Task A_new_password_of_the_APIs_leaves_both_colours_working() =>
        run.PlayAsync(
            "new API_DATABASE_PASSWORD",
            mayFail: false,
            async notes =>
            {
                await run.DeployAsync(run.Next, notes); // both colours have been deployed
                var (colour, former) = (run.Server.Colour, run.Server.Secrets["API_DATABASE_PASSWORD"]);
                var other = colour == "blue" ? "green" : "blue";
                var next = Server.Secret();
                run.Server.Secrets["API_DATABASE_PASSWORD"] = next;
                run.Server.Configure([]);

                await Images.CrashingAsync(run.Server);
                await run.Server.ClicknbackAsync("deploy", "2.0.1").ExpectAsync(1);
                await LogsInAsync(colour, former);
                await LogsInAsync(other, former);

                await run.DeployAsync(run.Next, notes);
                await LogsInAsync(colour, former);
                await LogsInAsync(other, next);
                await run.Server.ClicknbackAsync("rollback").ExpectAsync(0);
                await run.ServedAsync();
                await LogsInAsync(colour, former);

                await run.DeployAsync(run.Next, notes);
                await run.DeployAsync(run.Next, notes);
                await LogsInAsync("blue", next);
                await LogsInAsync("green", next);
                await LogsInAsync("blue", former, exitCode: 2);
                await LogsInAsync("green", former, exitCode: 2);
            }
        );

    [Fact]
    public Task The_owners_password_is_changed_during_maintenance() =>
        run.PlayAsync(
            "new POSTGRES_PASSWORD",
            mayFail: true,
            notes =>
                InMaintenanceAsync(async () =>
                {
                    var password = Server.Secret();
                    await run.Server.SqlAsync($"ALTER ROLE clicknback PASSWORD '{password}'");
                    run.Server.Secrets["POSTGRES_PASSWORD"] = password;
                    run.Server.Configure([]);
                    await run.Server.ClicknbackAsync("install").ExpectAsync(0);
                    await run.DeployAsync(run.Next, notes);
                })
        );

    private async Task LogsInAsync(string colour, string password, int exitCode = 0) =>
        await run
            .Server.RunAsync(
                "docker",
                "exec",
                "--env",
                $"PGPASSWORD={password}",
                await run.Server.ContainerAsync("postgres"),
                "psql",
                "-X",
                "-h",
                "127.0.0.1",
                "-U",
                $"clicknback_api_{colour}",
                "-d",
                "clicknback",
                "-c",
                "SELECT FROM users LIMIT 1"
            )
            .ExpectAsync(exitCode);

    private async Task InMaintenanceAsync(Func<Task> act)
    {
        await run.Server.ClicknbackAsync("maintenance", "on").ExpectAsync(0);
        try
        {
            await act();
        }
        finally
        {
            await run.Server.ClicknbackAsync("maintenance", "off").ExpectAsync(0);
        }
    }
}
