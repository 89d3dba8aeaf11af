using System.Diagnostics;
using System.Text.RegularExpressions;
using ClickNBack.Tests.Contract;
using YamlDotNet.RepresentationModel;

namespace ClickNBack.Tests.Deployment;

/// <summary>What a linter does not know of GitHub's workflows: who may do what with which secret, and that they only call make.</summary>
[Trait("Category", "Drift")]
public sealed partial class WorkflowTests
{
    private static readonly string[] Secrets = ["SONAR_TOKEN", "VPS_HOST", "VPS_SSH_KEY", "VPS_USER"];

    private static readonly string[] Promoted = ["version", "registry", "api", "migrations"];

    private static readonly string Folder = Path.Combine(Committed.Root, ".github", "workflows");

    private static readonly string[] Files =
    [
        .. Directory.GetFiles(Folder, "*.yml"),
        .. Directory.GetFiles(
            Path.Combine(Committed.Root, ".github", "actions"),
            "action.yml",
            SearchOption.AllDirectories
        ),
    ];

    public static IEnumerable<object[]> All => Files.Select(it => new object[] { Relative(it) });

    public static IEnumerable<object[]> Workflows =>
        Directory.GetFiles(Folder, "*.yml").Select(it => new object[] { Relative(it) });

    [Theory]
    [MemberData(nameof(All))]
    public void Actions_are_pinned_to_commits(string file) =>
        Assert.All(
            Lines(file).Where(it => it.Contains("uses:", StringComparison.Ordinal)),
            line => Assert.Matches(Pinned(), line)
        );

    [Theory]
    [MemberData(nameof(All))]
    public void Scripts_have_no_expressions(string file) =>
        Assert.All(Steps(file), step => Assert.DoesNotContain("${{", step.Text("run") ?? ""));

    [Theory]
    [MemberData(nameof(All))]
    public void Only_the_known_secrets_are_named_and_none_is_inherited(string file)
    {
        var text = File.ReadAllText(Path.Combine(Committed.Root, file));

        Assert.DoesNotContain("inherit", text);
        Assert.DoesNotContain("pull_request_target", text);
        Assert.Subset(
            Secrets.ToHashSet(StringComparer.Ordinal),
            Secret().Matches(text).Select(it => it.Groups["name"].Value).ToHashSet(StringComparer.Ordinal)
        );
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_checkout_leaves_no_token_behind(string file) =>
        Assert.All(
            Steps(file).Where(it => it.Text("uses")?.StartsWith("actions/checkout@", StringComparison.Ordinal) == true),
            step => Assert.Equal("false", step.Map("with").Text("persist-credentials"))
        );

    [Theory]
    [MemberData(nameof(Workflows))]
    public void Nothing_is_permitted_but_by_a_job_for_itself(string file)
    {
        var workflow = Yaml.Read(file);

        Assert.True(workflow.Children.ContainsKey("permissions") && !workflow.Map("permissions").Children.Any());
        Assert.NotNull(workflow.Map("concurrency").Text("group"));
        Assert.All(
            Jobs(file),
            job =>
            {
                var may = job.Value.Map("permissions").Entries().Where(it => it.Value.ToString() == "write");
                Assert.Subset(
                    new HashSet<string> { "attestations", "contents", "id-token", "packages", "security-events" },
                    may.Select(it => it.Key).ToHashSet(StringComparer.Ordinal)
                );
                Assert.True(
                    job.Value.Text("uses") is not null || job.Value.Text("timeout-minutes") is not null,
                    job.Key
                );
            }
        );
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Every_target_and_script_that_is_called_is_there(string file)
    {
        var makefile = Committed.Read("Makefile");
        var scripts = Steps(file).Select(it => it.Text("run") ?? "").ToList();

        Assert.All(
            scripts.SelectMany(it => Make().Matches(it)).SelectMany(it => it.Groups["target"].Captures),
            target => Assert.Contains($"\n{target.Value}:", makefile, StringComparison.Ordinal)
        );
        Assert.All(
            scripts.SelectMany(it => Script().Matches(it)),
            script => Assert.True(File.Exists(Path.Combine(Committed.Root, script.Value)), script.Value)
        );
    }

    [Fact]
    public void The_required_check_waits_for_every_other_job()
    {
        var jobs = Jobs(".github/workflows/ci.yml");

        Assert.Equal(
            jobs.Select(it => it.Key).Where(it => it != "required").Order(StringComparer.Ordinal),
            jobs.Single(it => it.Key == "required")
                .Value.List("needs")
                .Select(it => it.ToString())
                .Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void Production_gets_what_staging_got_and_no_candidate()
    {
        var jobs = Jobs(".github/workflows/release.yml").ToDictionary(it => it.Key, it => it.Value);
        var production = jobs["production"];

        Assert.Equal("github.ref_type == 'tag' && !contains(github.ref_name, '-')", production.Text("if"));
        Assert.Equal(["images", "publish"], production.List("needs").Select(it => it.ToString()));
        Assert.Equal(["images", "staging"], jobs["publish"].List("needs").Select(it => it.ToString()));
        Assert.All(
            Promoted,
            it =>
            {
                Assert.Equal($"${{{{ needs.images.outputs.{it} }}}}", production.Map("with").Text(it));
                Assert.Equal($"${{{{ needs.images.outputs.{it} }}}}", jobs["staging"].Map("with").Text(it));
            }
        );
    }

    [Theory]
    [InlineData("README.md docs/adr/0001.md .github/workflows/ci.yml", "drift")]
    [InlineData("ClickNBack.Tests/Unit/RuleTests.cs", "test")]
    [InlineData("deploy/caddy/Caddyfile", "rehearse drift")]
    [InlineData("deploy/README.md", "rehearse drift")]
    [InlineData("ClickNBack.Tests/Deployment/ComposeTests.cs", "test rehearse")]
    [InlineData("ClickNBack.Api/Program.cs", "test rehearse")]
    [InlineData("Directory.Packages.props README.md", "test rehearse")]
    [InlineData("something/nobody/knows", "test rehearse")]
    public async Task A_path_decides_what_runs(string changed, string gates)
    {
        var repository = Directory.CreateTempSubdirectory("clicknback-");
        try
        {
            var script = Path.Combine(Committed.Root, "scripts", "changed.sh");
            var files = string.Join(" ", changed.Split(' ').Select(it => $"'{it}'"));
            var output = await BashAsync(
                $"""
                git init -q . && git config user.email a@b && git config user.name a
                mkdir scripts && cp '{script}' scripts/ && git add . && git commit -qm base && git tag base
                for file in {files}; do mkdir -p "$(dirname "$file")" && touch "$file"; done
                git add . && git commit -qm change && scripts/changed.sh base
                """,
                repository.FullName
            );
            var run = output
                .Split('\n')
                .Where(it => it.EndsWith("=true", StringComparison.Ordinal))
                .Select(it => it.Split('=')[0]);

            Assert.Equal(gates, string.Join(' ', run));
        }
        finally
        {
            repository.Delete(recursive: true);
        }
    }

    private static async Task<string> BashAsync(string script, string folder)
    {
        var start = new ProcessStartInfo("bash", ["-ec", script])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var bash = Process.Start(start)!;
        var output = await bash.StandardOutput.ReadToEndAsync();
        await bash.WaitForExitAsync();
        Assert.Equal(0, bash.ExitCode);
        return output;
    }

    private static string Relative(string file) => Path.GetRelativePath(Committed.Root, file);

    private static string[] Lines(string file) => File.ReadAllLines(Path.Combine(Committed.Root, file));

    private static List<(string Key, YamlNode Value)> Jobs(string file) => [.. Yaml.Read(file).Map("jobs").Entries()];

    private static IEnumerable<YamlNode> Steps(string file) =>
        Jobs(file).Select(it => it.Value).Append(Yaml.Read(file).Map("runs")).SelectMany(it => it.List("steps"));

    [GeneratedRegex(@"uses: (\./|[\w./-]+@[0-9a-f]{40} # v\d)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Pinned();

    [GeneratedRegex(@"secrets\.(?<name>\w+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Secret();

    [GeneratedRegex(@"\bmake( +(?<target>[a-z-]+)\b(?!=))+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Make();

    [GeneratedRegex(@"\bscripts/[\w.-]+", RegexOptions.None, 1000)]
    private static partial Regex Script();
}
