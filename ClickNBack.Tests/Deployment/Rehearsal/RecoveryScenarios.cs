namespace ClickNBack.Tests.Deployment.Rehearsal;

/// <summary>States from which an operator has to find a way out: there is one, and it is a command.</summary>
[Collection(RehearsalRunDefinition.Name)]
[Trait("Category", "Rehearsal")]
[Trait("Duration", "Long")]
public class RecoveryScenarios(RehearsalRun run)
{
    private const string History = "\"__EFMigrationsHistory\"";

    [Theory]
    [InlineData("29991231000000_Later", 0)]
    [InlineData("29991231000000_ContractLater", 1)]
    public Task On_the_schema_of_a_later_release(string migration, int deployed) =>
        run.PlayAsync(
            $"restore, deploy and rollback on {migration}",
            mayFail: true,
            async notes =>
            {
                var serving = run.Server.Active;
                await run.Server.SqlAsync($"INSERT INTO {History} VALUES ('{migration}', '10.0')");
                try
                {
                    await run.Server.ClicknbackAsync("backup").ExpectAsync(0);
                    var restore = await run.Server.ClicknbackAsync("restore").ExpectAsync(0);
                    notes.Add($"restore {RehearsalRun.Seconds(restore)}");
                    await run.ServedAsync();
                    await run.Server.ClicknbackAsync("deploy", run.Next).ExpectAsync(deployed);
                    if (deployed == 0)
                    {
                        await run.DeployAsync(run.Next, notes); // two versions away now
                        await run.Server.ClicknbackAsync("rollback", serving).ExpectAsync(0);
                    }

                    Assert.Equal(serving, run.Server.Active);
                }
                finally
                {
                    await run.Server.SqlAsync($"DELETE FROM {History} WHERE \"MigrationId\" = '{migration}'");
                }
            }
        );

    [Fact]
    public Task A_version_that_does_not_answer_is_replaced() =>
        run.PlayAsync(
            "deploy while nothing serves",
            mayFail: true,
            async notes =>
            {
                var serving = run.Server.Active;
                await run.Server.DockerAsync("stop", await run.Server.ContainerAsync($"api-{run.Server.Colour}"));
                (await run.Server.ClicknbackAsync("deploy", "9.9.9"))
                    .Expect(1)
                    .Says($"version {serving} should serve and DOES NOT ANSWER");
                await run.DeployAsync(run.Next, notes);
            }
        );

    [Fact]
    public Task A_version_keeps_its_settings_until_it_is_deployed_anew() =>
        run.PlayAsync(
            "settings and passwords of a colour",
            mayFail: true,
            async notes =>
            {
                await run.DeployAsync(run.Next, notes);
                var (serving, colour) = (run.Server.Active, run.Server.Colour);
                var memory = await MemoryAsync(colour);
                var password = run.Server.Secrets["API_DATABASE_PASSWORD"];
                await Images.CrashingAsync(run.Server);
                try
                {
                    run.Server.Secrets["API_DATABASE_PASSWORD"] = Server.Secret();
                    run.Server.Configure(new() { ["API_MEMORY"] = "72m" });
                    await run.Server.ClicknbackAsync("deploy", "2.0.1").ExpectAsync(1);
                    Assert.Equal(memory, await MemoryAsync(colour == "blue" ? "green" : "blue"));
                    // Every connection is a new one: with the password of before.
                    await run.Server.DockerAsync("restart", await run.Server.ContainerAsync($"api-{colour}"));
                    await run.ServedAsync();

                    run.Server.Configure([]);
                    await run.DeployAsync(run.Next, notes);
                    var rollback = await run.Server.ClicknbackAsync("rollback").ExpectAsync(0);
                    Assert.Equal(serving, run.Server.Active);
                    await run.Server.DockerAsync("restart", await run.Server.ContainerAsync($"api-{colour}"));
                    await run.ServedAsync();
                    notes.Add($"rollback {RehearsalRun.Seconds(rollback)}");
                }
                catch
                {
                    run.Server.Secrets["API_DATABASE_PASSWORD"] = password;
                    throw;
                }
                finally
                {
                    run.Server.Configure([]);
                }
            }
        );

    [Fact]
    public Task Logs_are_of_both_colours_and_a_service_that_there_is_not_is_named() =>
        run.PlayAsync(
            "logs",
            mayFail: false,
            async _ =>
            {
                (await run.Server.ClicknbackAsync("logs", "apis")).Expect(64).Says("there is no service apis");
                const int TimeIsUp = 124;
                var command = Path.Combine(run.Server.Folder, "clicknback");
                (await run.Server.RunAsync("timeout", "5", command, "logs", "api"))
                    .Expect(TimeIsUp)
                    .Says("\"Timestamp\":");
            }
        );

    [Fact]
    public Task Text_that_another_libc_sorted_is_said_to_be() =>
        run.PlayAsync(
            "another libc",
            mayFail: false,
            async _ =>
            {
                await run.Server.SqlAsync("UPDATE pg_database SET datcollversion = '0' WHERE datname = 'clicknback'");
                try
                {
                    (await run.Server.ClicknbackAsync("status")).Expect(0).Says("TEXT SORTS OTHERWISE");
                }
                finally
                {
                    await run.Server.SqlAsync("ALTER DATABASE clicknback REFRESH COLLATION VERSION");
                }

                (await run.Server.ClicknbackAsync("status")).Expect(0).Says("as when the database was made");
            }
        );

    private async Task<string> MemoryAsync(string colour) =>
        await run.Server.DockerAsync(
            "inspect",
            "--format",
            "{{.HostConfig.Memory}}",
            await run.Server.ContainerAsync($"api-{colour}")
        );
}
