using ClickNBack.Tests.Contract;
using YamlDotNet.RepresentationModel;

namespace ClickNBack.Tests.Deployment;

/// <summary>Committed files in YAML.</summary>
internal static class Yaml
{
    /// <summary>The file's one document.</summary>
    public static YamlDocument Load(string path)
    {
        using var text = new StringReader(Committed.Read(path));
        var stream = new YamlStream();
        stream.Load(text);
        return Assert.Single(stream.Documents);
    }

    /// <summary>The mapping that the file's document is.</summary>
    public static YamlMappingNode Read(string path) => (YamlMappingNode)Load(path).RootNode;

    /// <summary>The mapping under a key; an empty one where there is none.</summary>
    public static YamlMappingNode Map(this YamlNode node, string key) => node.Find(key) as YamlMappingNode ?? [];

    /// <summary>The items under a key; none where there is no list.</summary>
    public static IEnumerable<YamlNode> List(this YamlNode node, string key) =>
        node.Find(key) as YamlSequenceNode ?? [];

    /// <summary>The text under a key, or null.</summary>
    public static string? Text(this YamlNode node, string key) => (node.Find(key) as YamlScalarNode)?.Value;

    /// <summary>What stands under each key.</summary>
    public static IEnumerable<(string Key, YamlNode Value)> Entries(this YamlMappingNode node) =>
        node.Children.Select(it => ($"{it.Key}", it.Value));

    private static YamlNode? Find(this YamlNode node, string key) =>
        node is YamlMappingNode map && map.Children.TryGetValue(key, out var value) ? value : null;
}
