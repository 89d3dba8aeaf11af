using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Deployment.Rehearsal;

/// <summary>Whatever is killed, and whenever: nothing acknowledged is lost, and the next command goes on or undoes.</summary>
[Collection(RehearsalRunDefinition.Name)]
[Trait("Category", "Rehearsal")]
public class CrashScenarios(RehearsalRun run)
{
    private static readonly string[] Steps =
    [
        "check",
        "pull",
        "archive",
        "backup-marker",
        "migrate",
        "check-previous",
        "start",
        "ready",
        "smoke",
        "switch",
        "drain",
        "watch",
        "finish",
    ];

    [Fact]
    public Task A_deploy_that_is_killed_at_any_step_is_settled_by_the_next() =>
        run.PlayAsync(
            "kill -9 of the deploy at every step, and again",
            mayFail: false,
            async notes =>
            {
                foreach (var step in Steps)
                {
                    var deploy = run.Server.Clicknback("deploy", run.Next);
                    await deploy.ReachesAsync(run.Server, step);
                    await deploy.KillAsync();
                    Assert.Equal(step, run.Server.Step);
                    notes.Add(step);
                    await run.ServedAsync();
                }

                var next = run.Next;
                await run.Server.ClicknbackAsync("deploy", next).ExpectAsync(0);
                Assert.Equal(next, run.Server.Active);
                Assert.Equal("", run.Server.Step);
            }
        );

    [Fact]
    public Task A_deploy_that_is_killed_before_its_first_step_leaves_nothing() =>
        run.PlayAsync(
            "kill -9 of the deploy while it locks and records",
            mayFail: false,
            async notes =>
            {
                // Its state changes by renaming files: four times until the attempt is recorded, once more for the first step.
                string[] left = ["", "", "", "", "record"];
                for (var renames = 0; renames < left.Length; renames++)
                {
                    await DeployKilledAfterAsync(renames);
                    Assert.Equal(left[renames], run.Server.Step);
                    await run.Server.ClicknbackAsync("unlock", "--yes").ExpectAsync(0);
                    Assert.Equal("", run.Server.Step);
                }

                notes.Add("settled by unlock");
            }
        );

    [Fact]
    [Trait("Duration", "Long")]
    public Task A_canary_that_is_abandoned_is_settled_without_a_command_of_its_own() =>
        run.PlayAsync(
            "kill -9 of a canary, settled by the timer's command",
            mayFail: false,
            async notes =>
            {
                var serving = run.Server.Active;
                var canary = run.Server.Clicknback("canary", run.Next, "20");
                await canary.ReachesAsync(() => Buckets().Length > 0, "its share of the traffic");
                (await run.Server.ClicknbackAsync("settle")).Expect(0);
                Assert.NotEmpty(Buckets()); // somebody is at work
                await canary.KillAsync();
                (await run.Server.ClicknbackAsync("settle")).Expect(0).Says("It is undone");
                Assert.Empty(Buckets());
                Assert.Equal(serving, run.Server.Active);
                (await run.Server.ClicknbackAsync("settle")).Expect(0);
                notes.Add("settled");

                string[] Buckets() => Directory.GetFiles(Path.Combine(run.Server.Folder, "state", "routing", "canary"));
            }
        );

    [Fact]
    public Task A_backup_that_is_killed_leaves_nothing_and_the_next_one_is_whole() =>
        run.PlayAsync(
            "kill -9 of a backup, and again",
            mayFail: false,
            async notes =>
            {
                var backup = run.Server.Clicknback("backup");
                await backup.ReachesAsync(() => Unfinished().Length > 0, "its copy");
                await backup.KillAsync();
                var again = await run.Server.ClicknbackAsync("backup").ExpectAsync(0);
                Assert.Empty(Unfinished());
                notes.Add($"backup {RehearsalRun.Seconds(again)}");
            }
        );

    [Fact]
    [Trait("Duration", "Long")]
    public Task A_restore_that_is_killed_goes_on_when_it_is_repeated() =>
        run.PlayAsync(
            "kill -9 of a restore before and after its switch, and again",
            mayFail: true,
            async notes =>
            {
                await run.Server.ClicknbackAsync("backup").ExpectAsync(0);
                foreach (var (key, value) in new[] { ("MAKING", "postgres"), ("SWITCHED", "yes") })
                {
                    var restore = run.Server.Clicknback("restore");
                    await restore.ReachesAsync(
                        () => run.Server.State("restore.env", key).Contains(value, StringComparison.Ordinal),
                        key
                    );
                    await restore.KillAsync();
                    (await run.Server.ClicknbackAsync("deploy", run.Next)).Expect(1).Says("a restore is unfinished");
                }

                var again = await run.Server.ClicknbackAsync("restore").ExpectAsync(0);
                notes.Add($"restore {RehearsalRun.Seconds(again)}");
            }
        );

    [Theory]
    [InlineData("API")]
    [InlineData("proxy")]
    [InlineData("postgres")]
    public Task A_process_that_is_killed_comes_back(string what) =>
        run.PlayAsync(
            $"kill -9 of {what}",
            mayFail: true,
            async notes =>
            {
                var service = what == "API" ? $"api-{run.Server.Colour}" : what;
                var container = await run.Server.ContainerAsync(service);
                var process = await run.Server.DockerAsync("inspect", "--format", "{{.State.Pid}}", container);
                await run.Server.RunAsync("kill", "-9", process).ExpectAsync(0);
                await Until.TrueAsync(
                    async () =>
                        await run.Server.DockerAsync(
                            "inspect",
                            "--format",
                            "{{.State.Status}} {{.State.Pid}}",
                            container
                        )
                            is var now
                        && now.StartsWith("running", StringComparison.Ordinal)
                        && !now.EndsWith($" {process}", StringComparison.Ordinal),
                    $"{service} runs again"
                );
                await run.ServedAsync();
                notes.Add("came back by itself");
            }
        );

    private async Task DeployKilledAfterAsync(int renames)
    {
        var programs = Directory.CreateTempSubdirectory("clicknback-programs-");
        try
        {
            var count = Path.Combine(programs.FullName, "renames");
            await File.WriteAllTextAsync(count, new string('.', renames));
            var mv = Path.Combine(programs.FullName, "mv");
            await File.WriteAllTextAsync(
                mv,
                $"""
                #!/bin/bash
                if [[ ! -s {count} ]]; then
                    kill -9 "$PPID"
                    exit 1
                fi
                truncate --size=-1 {count}
                exec /bin/mv "$@"
                """
            );
            await run.Server.RunAsync("chmod", "+x", mv).ExpectAsync(0);
            var path = $"PATH={programs.FullName}:{Environment.GetEnvironmentVariable("PATH")}";
            var clicknback = Path.Combine(run.Server.Folder, "clicknback");
            await run.Server.RunAsync("env", path, clicknback, "deploy", run.Next).ExpectAsync(137);
        }
        finally
        {
            programs.Delete(recursive: true);
        }
    }

    private string[] Unfinished() =>
        Directory.GetDirectories(
            Path.Combine(run.Server.Folder, "backups", "base"),
            "unfinished",
            SearchOption.AllDirectories
        );
}
