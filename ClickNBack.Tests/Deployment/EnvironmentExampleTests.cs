using System.Text.RegularExpressions;
using ClickNBack.Tests.Contract;
using YamlDotNet.RepresentationModel;

namespace ClickNBack.Tests.Deployment;

/// <summary><c>deploy/.env.example</c> is all that an operator reads before filling in <c>.env</c>.</summary>
[Trait("Category", "Drift")]
public sealed class EnvironmentExampleTests
{
    // What `clicknback` itself writes to state/versions.env.
    private static readonly string[] OfTheState =
    [
        "API_BLUE_IMAGE",
        "API_BLUE_REPLICAS",
        "API_GREEN_IMAGE",
        "API_GREEN_REPLICAS",
        "MIGRATIONS_IMAGE",
        "POSTGRES_VOLUME",
    ];

    [Fact]
    public void It_documents_every_variable_that_is_read_and_no_other()
    {
        var deploy = Path.Combine(Committed.Root, "deploy");
        string[] read =
        [
            .. Names(
                Directory.GetFiles(deploy, "*.yaml").SelectMany(Scalars),
                @"(^|[^$])\$\{?(?<name>[A-Z][A-Z0-9_]+)"
            ),
            .. Names([Text("caddy", "Caddyfile")], @"\{\$(?<name>[A-Z][A-Z0-9_]+)"),
            .. Names(
                Directory.GetFiles(Path.Combine(deploy, "lib")).Select(File.ReadAllText),
                @"\bsetting (?<name>[A-Z][A-Z0-9_]+) [^A-Z]"
            ),
        ];
        var documented = Names([Text(".env.example")], "^(# )?(?<name>[A-Z][A-Z0-9_]+)=").ToArray();

        Assert.Equal(documented.Distinct(), documented);
        Assert.Equal(read.Except(OfTheState).Distinct().Order(), documented.Order());
    }

    [Fact]
    public void Every_setting_of_the_programs_can_be_given_there()
    {
        string[] ofDevelopment = ["Cors:AllowedOriginPattern", "RateLimits:Enabled"];
        string[] ofTheDeploy = ["Database:ApiLogin", "Shutdown:DrainSeconds"]; // the colour's, and compose's grace period
        var settings = Names([Committed.Read("docs/configuration.md")], @"^\| `(?<name>[A-Z][A-Za-z]+:[A-Za-z]+)` \|");

        var given = Text("compose.production.yaml") + Text("docker-compose.yaml");

        Assert.DoesNotContain(
            settings
                .Except([.. ofDevelopment, .. ofTheDeploy])
                .Where(it => !it.StartsWith("Simulator:", StringComparison.Ordinal)), // nobody deploys it
            it => !given.Contains($" {it.Replace(":", "__", StringComparison.Ordinal)}", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Every_secret_made_as_the_guide_says_is_accepted()
    {
        var guide = Text("README.md");
        var command = guide.Split('\n').Single(it => it.Contains("/dev/urandom", StringComparison.Ordinal));

        var made = Shell.Run($"for ((count = 0; count < 300; count++)); do {command}; done");

        Assert.Equal(300, made.Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct().Count());
        Assert.Equal(
            "",
            Shell.Run(
                $$"""
                cd '{{Committed.Root}}/deploy' && CLICKNBACK_HOME=$PWD STATE=/nonexistent
                for file in lib/*.bash; do source "$file"; done
                while read -r secret; do check_secret ADMIN_PASSWORD "$secret"; check_secret JWT_SIGNING_KEY "$secret"; done
                """,
                made
            )
        );
    }

    private static string Text(params string[] path) => Committed.Read(Path.Combine(["deploy", .. path]));

    // What compose resolves variables in: comments are none of it.
    private static IEnumerable<string> Scalars(string file) =>
        Yaml.Load(file).AllNodes.OfType<YamlScalarNode>().Select(it => it.Value!);

    private static IEnumerable<string> Names(IEnumerable<string> texts, string pattern)
    {
        var regex = new Regex(
            pattern,
            RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.Multiline
        );
        return texts.SelectMany(text => regex.Matches(text)).Select(match => match.Groups["name"].Value);
    }
}
