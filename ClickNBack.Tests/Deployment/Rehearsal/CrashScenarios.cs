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
}
