using System.Text.Json;
using System.Text.RegularExpressions;
using ClickNBack.Tests.Contract;

namespace ClickNBack.Tests.Deployment;

/// <summary>
/// The committed <c>deploy/docker-compose.yaml</c> says what <c>aspire-manifest.json</c> says (G6): checked here without
/// Aspirate, which generates it where its package can be had.
/// </summary>
public sealed partial class ComposeTests
{
    private static readonly string Generated = Committed.Read(Path.Combine("deploy", "docker-compose.yaml"));
    private static readonly string Overlay = Committed.Read(Path.Combine("deploy", "compose.production.yaml"));
    private static readonly JsonElement Resources = JsonDocument
        .Parse(Committed.Read("aspire-manifest.json"))
        .RootElement.GetProperty("resources");

    private static IEnumerable<JsonProperty> Programs =>
        Resources
            .EnumerateObject()
            .Where(it => it.Value.GetProperty("type").GetString() is "container.v0" or "project.v0");

    [Fact]
    public void It_has_a_service_for_each_program_of_the_manifest_and_no_other() =>
        Assert.Equal(Programs.Select(it => it.Name), ServicesOf(Generated));

    [Fact]
    public void Its_services_have_the_environment_of_the_manifest_and_nothing_else()
    {
        foreach (var program in Programs)
        {
            var expected = program
                .Value.GetProperty("env")
                .EnumerateObject()
                .Select(it => $"{it.Name}: \"{Resolve(it.Value.GetString()!)}\"");
            var environment = EnvironmentBlock().Match(BlockOf(program.Name)).Groups["lines"].Value;
            Assert.Equal(
                expected,
                environment.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            );
        }
    }

    [Fact]
    public void Its_containers_run_the_images_of_the_manifest()
    {
        foreach (var container in Programs.Where(it => it.Value.TryGetProperty("image", out _)))
        {
            Assert.Contains($"image: \"{container.Value.GetProperty("image").GetString()}\"", BlockOf(container.Name));
        }
    }

    [Fact]
    public void The_overlay_extends_every_service_and_publishes_none_of_them()
    {
        foreach (var program in Programs)
        {
            var extension = $"extends: {{file: docker-compose.yaml, service: {program.Name}}}";
            var block = Overlay.Split("\n\n").Single(it => it.Contains(extension, StringComparison.Ordinal));
            Assert.Contains("container_name: !reset null", block);
            Assert.Equal(BlockOf(program.Name).Contains("ports:"), block.Contains("ports: !reset []"));
        }
    }

    // As Aspirate resolves what the manifest leaves open: secrets become variables, other parameters their default.
    private static string Resolve(string text) =>
        Expression()
            .Replace(
                text,
                match =>
                    match.Groups["path"].Value.Split('.') switch
                    {
                        [var name, "value"] => ParameterOf(name),
                        [var name, "connectionString"] => Resolve(
                            Resources.GetProperty(name).GetProperty("connectionString").GetString()!
                        ),
                        [var name, "bindings", _, "host"] => name,
                        [var name, "bindings", var binding, "port" or "targetPort"] => Resources
                            .GetProperty(name)
                            .GetProperty("bindings")
                            .GetProperty(binding)
                            .GetProperty("targetPort")
                            .ToString(),
                        _ => throw new InvalidOperationException($"{match.Value} is not understood here."),
                    }
            );

    private static string ParameterOf(string name)
    {
        var input = Resources.GetProperty(name).GetProperty("inputs").GetProperty("value");
        return input.TryGetProperty("secret", out _)
            ? $"${name.ToUpperInvariant().Replace('-', '_')}"
            : input.GetProperty("default").GetProperty("value").GetString()!;
    }

    private static IEnumerable<string> ServicesOf(string compose) =>
        Service()
            .Matches(compose[..compose.IndexOf("\nvolumes:", StringComparison.Ordinal)])
            .Select(it => it.Groups["name"].Value);

    private static string BlockOf(string service)
    {
        var start = Generated.IndexOf($"\n  {service}:\n", StringComparison.Ordinal);
        var next = Service().Match(Generated, start + service.Length + 4);
        return Generated[start..(next.Success ? next.Index : Generated.Length)];
    }

    [GeneratedRegex(@"\{(?<path>[^}]+)\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Expression();

    [GeneratedRegex("^  (?<name>[a-z-]+):$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Service();

    [GeneratedRegex("    environment:\n(?<lines>(      .*\n)*)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EnvironmentBlock();
}
