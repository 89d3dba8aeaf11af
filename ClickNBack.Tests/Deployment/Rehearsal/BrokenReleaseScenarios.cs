using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Deployment.Rehearsal;

/// <summary>Releases that do not work: the previous one keeps serving, and the message says why (P6).</summary>
[Collection(RehearsalRunDefinition.Name)]
[Trait("Category", "Rehearsal")]
public class BrokenReleaseScenarios(RehearsalRun run)
{
    [Fact]
    public Task Crashes_at_start() =>
        RefusedAsync(
            "crashes at start",
            "2.0.1",
            () => Images.CrashingAsync(run.Server),
            "in step ready",
            "does not stay up"
        );

    [Fact]
    public Task Never_becomes_ready() =>
        RefusedAsync(
            "never ready",
            "2.0.2",
            () =>
            {
                run.Server.Configure(new() { ["READY_SECONDS"] = "8" });
                return Images.NeverReadyAsync(run.Server);
            },
            "in step ready",
            "was not ready within 8 s"
        );

    [Fact]
    public Task Has_a_bad_configuration() =>
        RefusedAsync(
            "bad configuration",
            "2.0.3",
            () => Images.BadlyConfiguredAsync(run.Server),
            "in step ready",
            "Payouts:MinimumAmount"
        );

    [Fact]
    public Task Is_ready_and_answers_500() =>
        RefusedAsync(
            "ready but answers 500",
            "2.0.4",
            () => Images.AnsweringErrorsAsync(run.Server),
            "in step smoke",
            "status 500"
        );

    [Fact]
    public Task Answers_500_only_under_traffic() =>
        RefusedAsync(
            "500 under traffic only",
            "2.0.5",
            () => Images.FailingUnderTrafficAsync(run.Server, run.Server.Colour),
            mayFail: true,
            "in step",
            "of them errors"
        );

    [Fact]
    public Task Has_no_image() =>
        RefusedAsync(
            "image missing",
            "9.9.9",
            () => Task.CompletedTask,
            "in step pull",
            $"the image {Images.Registry}/api:9.9.9 cannot be pulled"
        );

    [Fact]
    public Task Finds_too_little_free_disk() =>
        RefusedAsync(
            "too little free disk",
            run.Next,
            () =>
            {
                run.Server.Configure(new() { ["MIN_FREE_DISK_MB"] = "100000000" });
                return Task.CompletedTask;
            },
            exitCode: 78,
            mayFail: false,
            "MB free at"
        );

    [Fact]
    public Task Finds_the_disk_full() =>
        run.PlayAsync(
            "disk full",
            mayFail: false,
            async notes =>
            {
                var serving = run.Server.Active;
                await using (run.Server.FillDisk())
                {
                    var deploy = await run.Server.ClicknbackAsync("deploy", run.Next).ExpectAsync(1);
                    deploy.Says("No space left on device").Says($"version {serving} keeps serving");
                    await run.ServedAsync();
                }

                notes.Add("exit code 1 at once");
                Assert.Equal("", run.Server.Step);
            }
        );

    [Theory]
    [InlineData("pull")]
    [InlineData("ready")]
    public Task Fills_the_disk(string step) =>
        run.PlayAsync(
            $"disk full in step {step}",
            mayFail: false,
            async notes =>
            {
                var serving = run.Server.Active;
                var deploy = run.Server.Clicknback("deploy", run.Next);
                await deploy.ReachesAsync(run.Server, step);
                await using (run.Server.FillDisk())
                {
                    (await deploy.EndAsync()).Expect(1).Says($"version {serving} keeps serving");
                    await run.ServedAsync();
                }

                await run.DeployAsync(run.Next, notes);
            }
        );

    [Fact]
    public Task Has_a_migration_that_fails() =>
        WithAPendingMigrationAsync(() =>
            RefusedAsync("migration fails", run.Next, () => Task.CompletedTask, "in step migrate", "already exists")
        );

    [Fact]
    public Task Has_a_migration_that_hangs_on_a_lock() =>
        WithAPendingMigrationAsync(async () =>
        {
            // What every migration has to itself while it runs.
            var holder = run.Server.SqlAsync(
                """SET application_name = 'rehearsal'; BEGIN; LOCK TABLE "__EFMigrationsHistory" IN ACCESS SHARE MODE; SELECT pg_sleep(120)"""
            );
            await RefusedAsync(
                "migration hangs on a lock",
                run.Next,
                () => Task.CompletedTask,
                "in step migrate",
                "did not get its locks"
            );
            await run.Server.SqlAsync(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'rehearsal'"
            );
            await Assert.ThrowsAnyAsync<Exception>(() => holder);
        });

    [Fact]
    [Trait("Duration", "Long")]
    public Task Has_a_migration_that_does_not_end() =>
        WithAPendingMigrationAsync(async () =>
        {
            await run.Server.SqlAsync(
                """
                CREATE FUNCTION slow() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(300); END $$;
                CREATE EVENT TRIGGER slow ON ddl_command_start WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION slow();
                """
            );
            try
            {
                await RefusedAsync(
                    "migration does not end",
                    run.Next,
                    () =>
                    {
                        run.Server.Configure(new() { ["MIGRATE_SECONDS"] = "12" });
                        return Task.CompletedTask;
                    },
                    "in step migrate"
                );
                await Until.TrueAsync(
                    async () =>
                        (
                            await run.Server.SqlAsync(
                                "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND state = 'active'"
                            )
                        ).Length == 0,
                    "it has ended in the database, too"
                );
            }
            finally
            {
                await run.Server.SqlAsync("DROP EVENT TRIGGER slow; DROP FUNCTION slow();");
            }
        });

    [Fact]
    public Task Starts_slowly_and_is_waited_for() =>
        run.PlayAsync(
            "slow start",
            mayFail: false,
            async notes =>
            {
                var colour = run.Server.Colour == "blue" ? "green" : "blue";
                var next = run.Next;
                var deploy = run.Server.Clicknback("deploy", next);
                await deploy.ReachesAsync(run.Server, "ready");
                var container = await run.Server.ContainerAsync($"api-{colour}");
                await run.Server.DockerAsync("pause", container);
                await Task.Delay(TimeSpan.FromSeconds(5));
                Assert.Equal("ready", run.Server.Step);
                await run.Server.DockerAsync("unpause", container);
                var ended = (await deploy.EndAsync()).Expect(0);
                Assert.Equal(next, run.Server.Active);
                notes.Add($"deploy {RehearsalRun.Seconds(ended)}, 5 of them frozen");
            }
        );

    private Task RefusedAsync(string name, string version, Func<Task> prepare, params string[] says) =>
        RefusedAsync(name, version, prepare, 1, mayFail: false, says);

    private Task RefusedAsync(string name, string version, Func<Task> prepare, bool mayFail, params string[] says) =>
        RefusedAsync(name, version, prepare, 1, mayFail, says);

    private Task RefusedAsync(
        string name,
        string version,
        Func<Task> prepare,
        int exitCode,
        bool mayFail,
        params string[] says
    ) =>
        run.PlayAsync(
            name,
            mayFail,
            async notes =>
            {
                var serving = run.Server.Active;
                try
                {
                    await prepare();
                    var deploy = await run.Server.ClicknbackAsync("deploy", version).ExpectAsync(exitCode);
                    Assert.All(says, it => deploy.Says(it));
                    deploy.Says($"version {serving} keeps serving");
                    notes.Add($"exit code {exitCode} after {RehearsalRun.Seconds(deploy)}");
                }
                finally
                {
                    run.Server.Configure([]);
                }

                Assert.Equal(serving, run.Server.Active);
                Assert.Equal("", run.Server.Step);
                Assert.Contains("\"outcome\":\"failed\"", run.Server.LastHistory, StringComparison.Ordinal);
            }
        );

    // The newest migration is there and yet not in the table of those applied: applying it once more must fail, as any bad one.
    private async Task WithAPendingMigrationAsync(Func<Task> act)
    {
        const string Newest = """(SELECT max("MigrationId") FROM "__EFMigrationsHistory")""";
        await run.Server.SqlAsync(
            $"""CREATE TABLE newest AS SELECT * FROM "__EFMigrationsHistory" WHERE "MigrationId" = {Newest}"""
        );
        await run.Server.SqlAsync(
            """DELETE FROM "__EFMigrationsHistory" USING newest WHERE "__EFMigrationsHistory"."MigrationId" = newest."MigrationId" """
        );
        try
        {
            await act();
        }
        finally
        {
            await run.Server.SqlAsync("""INSERT INTO "__EFMigrationsHistory" SELECT * FROM newest""");
            await run.Server.SqlAsync("DROP TABLE newest");
        }
    }
}
