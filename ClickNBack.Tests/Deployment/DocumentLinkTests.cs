using ClickNBack.Tests.Contract;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Deployment;

/// <summary>Links in documents lead somewhere.</summary>
[Trait("Category", "Drift")]
public sealed class DocumentLinkTests
{
    private static readonly string[] Folders = ["docs", "deploy", ".github"];

    public static IEnumerable<object[]> Documents =>
        Folders
            .SelectMany(it => Directory.GetFiles(Path.Combine(Committed.Root, it), "*.md", SearchOption.AllDirectories))
            .Concat(Directory.GetFiles(Committed.Root, "*.md"))
            .Where(it => !it.Contains("node_modules", StringComparison.Ordinal))
            .Select(it => new object[] { Path.GetRelativePath(Committed.Root, it) });

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_link_leads_to_a_file_and_heading_that_is_there(string document)
    {
        var file = Path.Combine(Committed.Root, document);
        var problems = Links
            .In(File.ReadAllText(file))
            .Select(link =>
                link.StartsWith('#')
                    ? Links.Problem(Path.GetDirectoryName(file)!, Path.GetFileName(file) + link)
                    : Links.Problem(Path.GetDirectoryName(file)!, link)
            );

        Assert.Empty(problems.OfType<string>());
    }
}
