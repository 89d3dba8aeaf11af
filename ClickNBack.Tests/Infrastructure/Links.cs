using System.Text.RegularExpressions;

namespace ClickNBack.Tests.Infrastructure;

/// <summary>Links from one committed file to another.</summary>
internal static partial class Links
{
    /// <summary>What is wrong with a link, or null.</summary>
    /// <param name="folder">The folder that the link starts from.</param>
    /// <param name="link">A path, perhaps with the anchor of a heading.</param>
    public static string? Problem(string folder, string link)
    {
        var parts = link.Split('#', 2);
        var target = Path.GetFullPath(Path.Combine(folder, parts[0]));
        return !Path.Exists(target) ? $"{link}: there is no such file"
            : parts.Length == 2 && !Anchors(target).Contains(parts[1]) ? $"{link}: it has no such heading"
            : null;
    }

    /// <summary>The targets of all links in a text that lead to a file or a heading here.</summary>
    public static IEnumerable<string> In(string markdown) =>
        Link().Matches(Code().Replace(markdown, "")).Select(it => it.Groups["target"].Value);

    // As GitHub makes them: lower case, words joined by hyphens, nothing else.
    private static IEnumerable<string> Anchors(string file) =>
        Heading()
            .Matches(File.ReadAllText(file))
            .Select(it => NoAnchor().Replace(it.Groups["text"].Value.ToLowerInvariant(), "").Replace(' ', '-'));

    [GeneratedRegex(@"\]\((?<target>(?!\w+:)[^)\s]+)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Link();

    [GeneratedRegex("^```.*?^```|`[^`\n]*`", RegexOptions.Multiline | RegexOptions.Singleline, 1000)]
    private static partial Regex Code();

    [GeneratedRegex("^#{1,6} +(?<text>.+?) *$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]", RegexOptions.None, 1000)]
    private static partial Regex NoAnchor();
}
