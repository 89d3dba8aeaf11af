using System.Text.Json;
using System.Text.RegularExpressions;
using ClickNBack.Tests.Contract;
using YamlDotNet.RepresentationModel;

namespace ClickNBack.Tests.Deployment;

/// <summary>
/// The committed <c>deploy/docker-compose.yaml</c> says what <c>aspire-manifest.json</c> says (G6): checked here without
/// Aspirate, which generates it where its package can be had.
/// </summary>
[Trait("Category", "Drift")]
public sealed partial class ComposeTests
{
    private static readonly YamlMappingNode Generated = ServicesOf("docker-compose.yaml");
    private static readonly YamlMappingNode Overlay = ServicesOf("compose.production.yaml");
    private static readonly JsonElement Resources = JsonDocument
        .Parse(Committed.Read("aspire-manifest.json"))
        .RootElement.GetProperty("resources");

    private static IEnumerable<JsonProperty> Programs =>
        Resources
            .EnumerateObject()
            .Where(it => it.Value.GetProperty("type").GetString() is "container.v0" or "project.v0");

    [Fact]
    public void It_has_a_service_for_each_program_of_the_manifest_and_no_other() =>
        Assert.Equal(Programs.Select(it => it.Name), Generated.Children.Keys.Select(it => $"{it}"));

    [Fact]
    public void Its_services_have_the_environment_of_the_manifest_and_nothing_else()
    {
        foreach (var program in Programs)
        {
            Assert.Equal(
                program
                    .Value.GetProperty("env")
                    .EnumerateObject()
                    .Select(it => (it.Name, Resolve(it.Value.GetString()!))),
                ((YamlMappingNode)Generated[program.Name]["environment"]).Select(it => ($"{it.Key}", $"{it.Value}"))
            );
        }
    }

    [Fact]
    public void Its_containers_run_the_images_of_the_manifest()
    {
        foreach (var container in Programs.Where(it => it.Value.TryGetProperty("image", out _)))
        {
            Assert.Equal(container.Value.GetProperty("image").GetString(), $"{Generated[container.Name]["image"]}");
        }
    }

    [Fact]
    public void The_overlay_extends_every_service_and_publishes_none_of_them()
    {
        foreach (var program in Programs)
        {
            var extended = Overlay
                .Select(it => (YamlMappingNode)it.Value)
                .Where(it => it.Children.TryGetValue("extends", out var from) && $"{from["service"]}" == program.Name)
                .ToList();

            Assert.NotEmpty(extended);
            foreach (var service in extended)
            {
                Assert.Equal("docker-compose.yaml", $"{service["extends"]["file"]}");
                Assert.True(IsReset(service, "container_name"));
                Assert.Equal(
                    ((YamlMappingNode)Generated[program.Name]).Children.ContainsKey("ports"),
                    IsReset(service, "ports")
                );
            }
        }
    }

    private static bool IsReset(YamlMappingNode service, string key) =>
        service.Children.TryGetValue(key, out var value) && value.Tag == "!reset";

    private static YamlMappingNode ServicesOf(string file) => (YamlMappingNode)Yaml.Read($"deploy/{file}")["services"];

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

    [GeneratedRegex(@"\{(?<path>[^}]+)\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Expression();
}
