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
