using System.Globalization;

namespace ClickNBack.Tests.Deployment.Rehearsal;

/// <summary>Backups, and what they are for (P8).</summary>
[Collection(RehearsalRunDefinition.Name)]
[Trait("Category", "Rehearsal")]
public class DataScenarios(RehearsalRun run)
{
    [Fact]
    public Task Backups_are_copied_off_site_and_old_ones_are_deleted() =>
        run.PlayAsync(
            "off-site copy and retention",
            mayFail: false,
            async notes =>
            {
                var copies = Path.Combine(run.Server.Folder, "..", "copies");
                var hook = Path.Combine(run.Server.Folder, "hooks", "off-site");
                await File.WriteAllTextAsync(
                    hook,
                    $$"""
                    #!/bin/bash
                    set -e
                    mkdir -p '{{copies}}'
                    cd "$BACKUP_DIR"
                    cp --parents "${@#"$BACKUP_DIR"/}" '{{copies}}'
                    """
                );
                await run.Server.RunAsync("chmod", "+x", hook).ExpectAsync(0);
                await run.Server.ClicknbackAsync("backup").ExpectAsync(0);
                var first = Bases().Max(StringComparer.Ordinal)!;
                var copy = Path.Combine(copies, Path.GetRelativePath(Backups, first));
                Assert.Equal(await File.ReadAllBytesAsync(first), await File.ReadAllBytesAsync(copy));

                // 31 days pass for everything that is there.
                foreach (var path in Bases())
                {
                    var (folder, name) = (Path.GetDirectoryName(path)!, Path.GetFileName(path));
                    File.Move(path, Path.Combine(folder, $"20200101T000000Z{name[name.IndexOf('_')..]}"));
                }

                await run.Server.ClicknbackAsync("backup").ExpectAsync(0);
                var left = Assert.Single(Bases());
                Assert.DoesNotContain("/20200101", left, StringComparison.Ordinal);
                Assert.True(File.Exists(copy), "What is off-site is not deleted from here.");
                File.Delete(hook);
                notes.Add($"{new FileInfo(left).Length / 1024} kB, encrypted");
                Assert.EndsWith(".gpg", left, StringComparison.Ordinal);
            }
        );

    [Fact]
    public Task A_drill_restores_the_latest_backup_beside_production_and_throws_it_away() =>
        run.PlayAsync(
            "drill",
            mayFail: false,
            async notes =>
            {
                await run.Server.ClicknbackAsync("backup").ExpectAsync(0);
                var drill = await run.Server.ClicknbackAsync("drill").ExpectAsync(0);
                drill.Says("money invariants hold").Says("passed: version");
                drill.Says("drill: RPO").Says("drill: RTO");
                var label = $"label=com.docker.compose.project={run.Server.Project}-drill";
                Assert.Equal("", await run.Server.DockerAsync("ps", "--all", "--quiet", "--filter", label));
                notes.Add($"drill {RehearsalRun.Seconds(drill)}");
            }
        );

    [Fact]
    public Task A_destroyed_database_is_restored_to_one_second_before_a_purchase() =>
        run.PlayAsync(
            "volume destroyed, restored to 1 s before a purchase",
            mayFail: true,
            async notes =>
            {
                await run.Server.ClicknbackAsync("backup").ExpectAsync(0);
                await run.ServedAsync();
                await run.Traffic.StopAsync();
                Ended restore;
                try
                {
                    await Task.Delay(TimeSpan.FromSeconds(2)); // the moment to restore to lies in a pause between purchases
                    var purchase = await run.Traffic.BuyAsync();
                    var moment = (
                        await run.Server.SqlAsync(
                            $"SELECT to_char((created_at - interval '1 second') AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') FROM purchases WHERE external_id = '{purchase}'"
                        )
                    ).Single();
                    Assert.True(DateTimeOffset.TryParse(moment, CultureInfo.InvariantCulture, out _), moment);

                    await run.Server.DockerAsync("rm", "--force", await run.Server.ContainerAsync("postgres"));
                    await run.Server.DockerAsync("rm", "--force", await run.Server.ContainerAsync("wal-receiver"));
                    await run.Server.DockerAsync("volume", "rm", run.Server.State("versions.env", "POSTGRES_VOLUME"));
                    restore = await run.Server.ClicknbackAsync("restore", moment).ExpectAsync(0);

                    Assert.Empty(
                        await run.Server.SqlAsync($"SELECT 1 FROM purchases WHERE external_id = '{purchase}'")
                    );
                    run.Traffic.Forget([purchase]);
                }
                finally
                {
                    run.Traffic.Start();
                }

                notes.Add(
                    $"restore {RehearsalRun.Seconds(restore)}; all {run.Traffic.Acknowledged.Count} purchases before it are there"
                );
            }
        );

    private string Backups => Path.Combine(run.Server.Folder, "backups");

    private string[] Bases() =>
        Directory.GetFiles(Path.Combine(Backups, "base"), "*.tar.gz*", SearchOption.AllDirectories);
}
