using System.Text.RegularExpressions;
using ClickNBack.Tests.Contract;

namespace ClickNBack.Tests.Deployment.Rehearsal;

/// <summary>What the operator's guides tell to type, typed.</summary>
[Collection(RehearsalRunDefinition.Name)]
[Trait("Category", "Rehearsal")]
[Trait("Duration", "Long")]
public partial class GuideScenarios(RehearsalRun run)
{
    private readonly string _programs = Directory
        .CreateDirectory(Path.Combine(run.Server.Folder, "..", "programs"))
        .FullName;

    [Fact]
    public Task Every_command_of_the_guide_works() =>
        run.PlayAsync(
            "every command of README.md",
            mayFail: true,
            async notes =>
            {
                foreach (var command in Commands("README.md").Where(it => !ChangesTheMachine(it)))
                {
                    await TypeAsync(command, notes);
                    if (command.Contains(".env.example", StringComparison.Ordinal))
                    {
                        run.Server.Configure([]); // "Fill in .env"
                    }
                }
            }
        );

    [Fact]
    public Task Every_command_about_backups_works() =>
        run.PlayAsync(
            "every command of BACKUPS.md",
            mayFail: true,
            async notes =>
            {
                await run.Traffic.StopAsync(); // what is acknowledged after the moment to restore to would be lost
                try
                {
                    foreach (var command in Commands("BACKUPS.md"))
                    {
                        await TypeAsync(await MeantAsync(command), notes);
                    }
                }
                finally
                {
                    run.Traffic.Start();
                }
            }
        );

    private const int Patience = 5_000;

    [GeneratedRegex(
        @"^```bash\n(?<lines>(.|\n)*?)^```$",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture,
        Patience
    )]
    private static partial Regex Block();

    [GeneratedRegex(@"deploy-\d{8}T\d{6}Z-\d+", RegexOptions.None, Patience)]
    private static partial Regex RestorePoint();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT[\d:]+Z", RegexOptions.None, Patience)]
    private static partial Regex Moment();

    private static List<string> Commands(string guide)
    {
        var text = File.ReadAllText(Path.Combine(Committed.Root, "deploy", guide));
        List<string> commands =
        [
            .. Block()
                .Matches(text)
                .SelectMany(it => it.Groups["lines"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                .Select(it => it.Split(" # ")[0].TrimEnd()),
        ];
        Assert.True(commands.Count >= 5, $"{guide} has commands.");
        return commands;
    }

    // Of what a new server gets first; everything else is done here as well.
    private static bool ChangesTheMachine(string command) =>
        command.Split(' ')[0] is "apt-get" or "ufw" || command.Contains("/etc/ufw/", StringComparison.Ordinal);

    /// <summary>With a moment and a deploy of this server in the place of the guide's.</summary>
    private async Task<string> MeantAsync(string command)
    {
        if (RestorePoint().IsMatch(command))
        {
            await run.Server.ClicknbackAsync("deploy", run.Next).ExpectAsync(0);
            var history = await run.Server.ClicknbackAsync("history", "1").ExpectAsync(0);
            return RestorePoint().Replace(command, RestorePoint().Match(history.Output).Value);
        }

        return Moment().Replace(command, $"{TimeProvider.System.GetUtcNow():yyyy-MM-ddTHH:mm:ssZ}");
    }

    private async Task TypeAsync(string command, List<string> notes)
    {
        var here = command
            .Replace("/opt/clicknback", run.Server.Folder, StringComparison.Ordinal)
            .Replace("/usr/local/bin", _programs, StringComparison.Ordinal);
        var path = $"{_programs}:{Environment.GetEnvironmentVariable("PATH")}";
        var ended = await run.Server.RunAsync("env", $"PATH={path}", "bash", "-c", here).ExpectAsync(0);
        notes.Add($"`{command}` {RehearsalRun.Seconds(ended)}");
    }
}
