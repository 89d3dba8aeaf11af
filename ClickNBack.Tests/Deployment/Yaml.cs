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
}
