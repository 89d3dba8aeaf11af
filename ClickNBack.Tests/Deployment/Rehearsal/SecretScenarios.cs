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
                await run.DeployAsync(run.Next, notes);
                await run.ServedAsync(); // with tokens of the previous key
                await run.Traffic.LogInAsync();
                run.Server.Configure([]); // "after 30 days"
                await run.DeployAsync(run.Next, notes);
            }
        );

    [Fact]
    public Task The_APIs_password_is_changed_during_maintenance() =>
        run.PlayAsync(
            "new API_DATABASE_PASSWORD",
            mayFail: true,
            notes =>
                InMaintenanceAsync(async () =>
                {
                    run.Server.Secrets["API_DATABASE_PASSWORD"] = Server.Secret();
                    run.Server.Configure([]);
                    await run.DeployAsync(run.Next, notes);
                })
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
