using System.Globalization;

namespace ClickNBack.Tests.Deployment.Rehearsal;

/// <summary>Backups, and what they are for (P8).</summary>
[Collection(RehearsalRunDefinition.Name)]
[Trait("Category", "Rehearsal")]
public class DataScenarios(RehearsalRun run)
{
    [Fact]
    public Task A_backup_can_be_restored_beside_production() =>
        run.PlayAsync(
            "backup and drill",
            mayFail: false,
            async notes =>
            {
                var backup = await run.Server.ClicknbackAsync("backup").ExpectAsync(0);
                var drill = await run.Server.ClicknbackAsync("drill").ExpectAsync(0);
                drill.Says("money invariants hold").Says("passed: version").Says("drill: RPO").Says("drill: RTO");
                notes.Add($"backup {RehearsalRun.Seconds(backup)}, drill {RehearsalRun.Seconds(drill)}");
                var left = await run.Server.DockerAsync(
                    "ps",
                    "--all",
                    "--quiet",
                    "--filter",
                    $"label=com.docker.compose.project={Server.Project}-drill"
                );
                Assert.Equal("", left);
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
}
