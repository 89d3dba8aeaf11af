using System.Diagnostics;
using System.Net;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Deployment.Rehearsal;

/// <summary>Releases that work: nobody notices that they come and go (P3 to P5).</summary>
[Collection(RehearsalRunDefinition.Name)]
[Trait("Category", "Rehearsal")]
public class ReleaseScenarios(RehearsalRun run)
{
    [Fact]
    public Task An_empty_folder_becomes_a_running_platform() =>
        run.PlayAsync(
            "first install",
            mayFail: false,
            notes =>
            {
                var first = run.First;
                first.CheckBefore.Expect(78).Says("clicknback install makes it");
                first.Check.Says("there is no hooks/off-site");
                Assert.Equal(HttpStatusCode.ServiceUnavailable, first.Before.StatusCode);
                Assert.Equal("120", string.Join(' ', first.Before.Headers.GetValues("Retry-After")));
                first.Smoke.Says($"passed: version {Images.Releases[0]}");
                notes.Add($"install {RehearsalRun.Seconds(first.Install)}, again {RehearsalRun.Seconds(first.Again)}");
                notes.Add($"first deploy {RehearsalRun.Seconds(first.Deploy)}");
                return Task.CompletedTask;
            }
        );

    [Fact]
    public Task Three_releases_follow_each_other_without_a_failed_request() =>
        run.PlayAsync(
            "three deploys in a row",
            mayFail: false,
            async notes =>
            {
                for (var count = 0; count < 3; count++)
                {
                    await run.DeployAsync(run.Next, notes);
                    Assert.Contains("\"outcome\":\"done\"", run.Server.LastHistory, StringComparison.Ordinal);
                }
            }
        );

    [Fact]
    public Task Deploys_and_rollbacks_alternate_without_a_failed_request() =>
        run.PlayAsync(
            "cycles of deploy and rollback",
            mayFail: false,
            async notes =>
            {
                var serving = run.Server.Active;
                for (var cycle = 0; cycle < Repetitions.Of(usual: 2, all: 10); cycle++)
                {
                    await run.DeployAsync(run.Next, notes);
                    var rollback = await run.Server.ClicknbackAsync("rollback").ExpectAsync(0);
                    notes.Add($"rollback {RehearsalRun.Seconds(rollback)}");
                    Assert.Equal(serving, run.Server.Active);
                }
            }
        );

    [Fact]
    [Trait("Duration", "Long")]
    public Task A_previous_version_that_was_not_kept_is_started_for_a_rollback() =>
        run.PlayAsync(
            "KEEP_PREVIOUS=false",
            mayFail: false,
            async notes =>
            {
                var (version, colour) = (run.Server.Active, run.Server.Colour);
                run.Server.Configure(new() { ["KEEP_PREVIOUS"] = "false" });
                try
                {
                    await run.DeployAsync(run.Next, notes);
                    await Until.TrueAsync(
                        async () => await StatusAsync(colour) == "exited",
                        "the other colour has ended"
                    );
                    var rollback = await run.Server.ClicknbackAsync("rollback").ExpectAsync(0);
                    Assert.Equal(version, run.Server.Active);
                    Assert.Equal("running", await StatusAsync(colour));
                    notes.Add($"rollback {RehearsalRun.Seconds(rollback)}");
                }
                finally
                {
                    run.Server.Configure([]);
                }
            }
        );

    [Fact]
    [Trait("Duration", "Long")]
    public Task Images_of_old_versions_are_removed() =>
        run.PlayAsync(
            "old images",
            mayFail: false,
            async notes =>
            {
                var serving = run.Server.Active;
                string[] programs = ["api", "migrations"];
                string[] versions = ["3.9.0", "3.10.0", "3.11.0-rc.1", "3.11.0"];
                const string Registry = $"{Images.Registry}-kept";
                foreach (var image in programs)
                {
                    foreach (var version in versions)
                    {
                        await run.Server.DockerAsync(
                            "tag",
                            $"{Images.Registry}/{image}:{run.Next}",
                            $"{Registry}/{image}:{version}"
                        );
                    }
                }

                run.Server.Configure(new() { ["IMAGE_REGISTRY"] = Registry, ["IMAGES_KEPT"] = "2" });
                try
                {
                    await run.DeployAsync(versions[0], notes); // the oldest: what serves stays all the same
                    foreach (var image in programs)
                    {
                        var left = await run.Server.DockerAsync(
                            "image",
                            "ls",
                            "--format",
                            "{{.Tag}}",
                            $"{Registry}/{image}"
                        );
                        Assert.Equal(versions.Except(["3.10.0"]).Order(), left.Split('\n').Order());
                    }
                }
                finally
                {
                    run.Server.Configure([]);
                }

                await run.Server.ClicknbackAsync("rollback").ExpectAsync(0);
                Assert.Equal(serving, run.Server.Active);
            }
        );

    [Fact]
    public Task A_canary_that_does_well_gets_everything() =>
        run.PlayAsync(
            "canary, promoted",
            mayFail: false,
            async notes =>
            {
                var next = run.Next;
                var canary = await run.Server.ClicknbackAsync("canary", next, "10", "50").ExpectAsync(0);
                canary.Says("10 % of the traffic").Says("50 % of the traffic").Says("; of the other version ");
                Assert.Equal(next, run.Server.Active);
                notes.Add($"canary of 10 % and 50 % {RehearsalRun.Seconds(canary)}");
            }
        );

    [Fact]
    public Task A_canary_that_fails_clients_is_aborted() =>
        run.PlayAsync(
            "canary, aborted",
            mayFail: true,
            async notes =>
            {
                var serving = run.Server.Active;
                var started = Stopwatch.GetTimestamp();
                await Images.FailingUnderTrafficAsync(run.Server, run.Server.Colour);
                var canary = await run.Server.ClicknbackAsync("canary", "2.0.5", "20").ExpectAsync(1);
                canary.Says("failed in step canary").Says($"version {serving} keeps serving");
                Assert.Equal(serving, run.Server.Active);
                Assert.Empty(Directory.GetFiles(Path.Combine(run.Server.Folder, "state", "routing", "canary")));
                notes.Add($"aborted after {RehearsalRun.Seconds(canary)}");
                var seen = run.Traffic.Since(started);
                Assert.InRange(seen.Failures.Count, 1, seen.Sent / 4); // its share was a fifth
            }
        );

    [Fact]
    public Task Of_two_deploys_at_once_one_is_refused() =>
        run.PlayAsync(
            "two deploys at once",
            mayFail: false,
            async notes =>
            {
                var next = run.Next;
                var first = run.Server.Clicknback("deploy", next);
                await first.ReachesAsync(run.Server, "pull");
                (await run.Server.ClicknbackAsync("deploy", next)).Expect(75).Says("is at work");
                (await first.EndAsync()).Expect(0);
                Assert.Equal(next, run.Server.Active);
                notes.Add("the second exits with 75");
            }
        );

    [Fact]
    [Trait("Duration", "Long")]
    public Task The_files_of_a_release_come_and_go_with_it() =>
        run.PlayAsync(
            "a release with other files",
            mayFail: false,
            async notes =>
            {
                await run.DeployAsync(run.Next, notes);
                var serving = run.Server.Active;
                var readme = Path.Combine(run.Server.Folder, "README.md");
                await File.AppendAllTextAsync(readme, "edited\n");
                await Images.CrashingAsync(run.Server);
                await Images.WithOtherFilesAsync(run.Server, "2.1.0", Images.Releases[^1]);
                await Images.WithOtherFilesAsync(run.Server, "2.1.1", "2.0.1");
                await FilesAreOfAsync(serving, bring: null);

                await run.Server.ClicknbackAsync("deploy", "2.1.1").ExpectAsync(1);
                await FilesAreOfAsync(serving, bring: null);

                await run.DeployAsync("2.1.0", notes);
                await FilesAreOfAsync("2.1.0", bring: "2.1.0");

                var rollback = await run.Server.ClicknbackAsync("rollback").ExpectAsync(0);
                notes.Add($"rollback {RehearsalRun.Seconds(rollback)}");
                await FilesAreOfAsync(serving, bring: null);

                async Task FilesAreOfAsync(string version, string? bring)
                {
                    var status = await run.Server.ClicknbackAsync("status").ExpectAsync(0);
                    status.Says($"files       of {version}, edited here: README.md\n");
                    Assert.Equal(bring is not null, File.Exists(Path.Combine(run.Server.Folder, "LATER.md")));
                    Assert.Equal(bring is null, File.Exists(Path.Combine(run.Server.Folder, "BACKUPS.md")));
                    using var http = new HttpClient { BaseAddress = run.Server.Front };
                    using var answer = await http.GetAsync(new Uri("/ready", UriKind.Relative));
                    Assert.Equal(
                        bring,
                        answer.Headers.TryGetValues("X-Release", out var named) ? named.Single() : null
                    );
                    Assert.EndsWith("edited\n", await File.ReadAllTextAsync(readme), StringComparison.Ordinal);
                }
            }
        );

    [Fact]
    [Trait("Duration", "Long")]
    public Task Whoever_comes_second_may_wait() =>
        run.PlayAsync(
            "--wait",
            mayFail: false,
            async _ =>
            {
                var serving = run.Server.Active;
                var first = run.Server.Clicknback("deploy", run.Next);
                await first.ReachesAsync(run.Server, "pull");
                (await run.Server.ClicknbackAsync("--wait", "rollback"))
                    .Expect(0)
                    .Says("waiting for deploy")
                    .Says($"Version {serving} serves");
                (await first.EndAsync()).Expect(0);
            }
        );

    [Fact]
    [Trait("Duration", "Long")]
    public Task Hooks_have_a_say_and_are_told() =>
        run.PlayAsync(
            "hooks/before-deploy, hooks/after-deploy",
            mayFail: false,
            async notes =>
            {
                var (serving, next) = (run.Server.Active, run.Next);
                var before = Hook("before-deploy", "echo \"$2 after $3? not today\" >&2; exit 1");
                var after = Hook("after-deploy", "{ echo \"$1 $2 $3\"; cat; } >> \"$(dirname \"$0\")/told\"");
                try
                {
                    (await run.Server.ClicknbackAsync("deploy", next))
                        .Expect(1)
                        .Says($"in step check: hooks/before-deploy refuses: {next} after {serving}? not today");
                    File.Delete(before);
                    await run.DeployAsync(next, notes);

                    var told = await File.ReadAllLinesAsync(Path.Combine(run.Server.Folder, "hooks", "told"));
                    Assert.Equal($"deploy {next} failed", told[0]);
                    Assert.Equal([$"deploy {next} done", run.Server.LastHistory], told[2..]);
                }
                finally
                {
                    File.Delete(before);
                    File.Delete(after);
                }

                string Hook(string name, string script)
                {
                    var file = Path.Combine(run.Server.Folder, "hooks", name);
                    File.WriteAllText(file, $"#!/bin/bash\n{script}\n");
                    if (!OperatingSystem.IsWindows())
                    {
                        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
                    }

                    return file;
                }
            }
        );

    [Fact]
    [Trait("Duration", "Long")]
    public Task One_service_is_installed_and_no_other_is_touched() =>
        run.PlayAsync(
            "install wal-receiver",
            mayFail: false,
            async _ =>
            {
                string[] others = ["postgres", "proxy", "api-blue", "api-green"];
                var before = await IdentifiersAsync();
                await run.Server.DockerAsync("rm", "--force", await run.Server.ContainerAsync("wal-receiver"));

                await run.Server.ClicknbackAsync("install", "wal-receiver").ExpectAsync(0);

                Assert.NotEqual("", await run.Server.ContainerAsync("wal-receiver"));
                Assert.Equal(before, await IdentifiersAsync());
                (await run.Server.ClicknbackAsync("install", "api-blue"))
                    .Expect(64)
                    .Says("there is no service api-blue");

                Task<string[]> IdentifiersAsync() => Task.WhenAll(others.Select(run.Server.ContainerAsync));
            }
        );

    [Fact]
    public Task A_deploy_that_is_told_to_end_is_undone() =>
        run.PlayAsync(
            "unlock while a deploy is at work",
            mayFail: false,
            async _ =>
            {
                var serving = run.Server.Active;
                var deploy = run.Server.Clicknback("deploy", run.Next);
                await deploy.ReachesAsync(run.Server, "start");
                (await run.Server.ClicknbackAsync("unlock", "--yes")).Expect(0).Says("The lock is held: deploy");
                (await deploy.EndAsync())
                    .Expect(1)
                    .Says("interrupted (SIGTERM)")
                    .Says($"version {serving} keeps serving");
                Assert.Equal("", run.Server.Step);
            }
        );

    private async Task<string> StatusAsync(string colour) =>
        await run.Server.DockerAsync(
            "inspect",
            "--format",
            "{{.State.Status}}",
            await run.Server.ContainerAsync($"api-{colour}")
        );
}
