using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using ClickNBack.Api;
using ClickNBack.MerchantSimulator;
using ClickNBack.MigrationService;
using ClickNBack.ServiceDefaults;

namespace ClickNBack.Tests.Contract;

/// <summary><c>docs/configuration.md</c> has a row for every property of every record of options, with the words of its code.</summary>
[Trait("Category", "Drift")]
public sealed partial class ConfigurationPageTests
{
    private const string Page = "docs/configuration.md";
    private const string Start = "<!-- Written by `make openapi` from the options. -->\n\n";
    private const string End = "\n<!-- The end of what is written by `make openapi`. -->";

    private static readonly (Assembly Assembly, string Program)[] Programs =
    [
        (typeof(ClickNBackApi).Assembly, "API"),
        (typeof(DatabaseOptions).Assembly, "worker"),
        (typeof(SecretAttribute).Assembly, "all"),
        (typeof(SimulatorOptions).Assembly, "simulator"),
    ];

    [Fact]
    public async Task Every_setting_stands_in_the_table()
    {
        var page = Committed.Read(Page).ReplaceLineEndings("\n");
        var (start, end) = (
            page.IndexOf(Start, StringComparison.Ordinal) + Start.Length,
            page.IndexOf(End, StringComparison.Ordinal)
        );
        var rows = Programs.SelectMany(it => Rows(it.Assembly, it.Program)).ToList();
        var table =
            "| setting | program | default | allowed | meaning |\n| --- | --- | --- | --- | --- |\n"
            + string.Concat(rows.Select(it => it + "\n"));

        Assert.True(rows.Count > 20);
        await Committed.IsAsync(Page, page[..start] + table + page[end..]);
    }

    private static IEnumerable<string> Rows(Assembly assembly, string program)
    {
        var name = assembly.GetName().Name!;
        var documentation = XDocument
            .Load(Path.ChangeExtension(assembly.Location, ".xml"))
            .Descendants("member")
            .ToDictionary(it => it.Attribute("name")!.Value, it => it.Element("summary"));
        return Directory
            .GetFiles(Path.Combine(Committed.Root, name), "*.cs", SearchOption.AllDirectories)
            .Where(it => !it.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}"))
            .SelectMany(it => Registration().Matches(File.ReadAllText(it)))
            .Select(it => (Section: it.Groups["section"].Value, Type: it.Groups["type"].Value))
            .OrderBy(it => it.Section, StringComparer.Ordinal)
            .SelectMany(it => Rows(it.Section, assembly.GetTypes().Single(type => type.Name == it.Type)));

        IEnumerable<string> Rows(string section, Type type)
        {
            var defaults = Activator.CreateInstance(type)!;
            return type.GetProperties()
                .Where(it => it.SetMethod is { IsPublic: true })
                .Select(it =>
                    $"| `{section}:{it.Name}` | {program} | {Default(it, it.GetValue(defaults))} | {Allowed(it)} | "
                    + $"{Text(documentation[$"P:{type.FullName}.{it.Name}"]!)} |"
                );
        }
    }

    private static string Default(PropertyInfo setting, object? value)
    {
        var text = value switch
        {
            null or "" => setting.IsDefined(typeof(RequiredAttribute)) ? "required" : "none",
            true => "true",
            false => "false",
            string or not IEnumerable => Convert.ToString(value, CultureInfo.InvariantCulture)!,
            IEnumerable items => string.Join(", ", items.Cast<object>().Select(it => $"`{it}`")),
        };
        return setting.IsDefined(typeof(SecretAttribute)) ? $"{text}, secret" : text;
    }

    private static string Allowed(PropertyInfo setting) =>
        string.Join(
            ", ",
            setting
                .GetCustomAttributes()
                .Select(it =>
                    it switch
                    {
                        RangeAttribute range => string.Create(
                            CultureInfo.InvariantCulture,
                            $"{range.Minimum} to {range.Maximum}"
                        ),
                        MinLengthAttribute least => $"at least {least.Length} characters",
                        ValidationAttribute { ErrorMessage: { } words } => words,
                        _ => null,
                    }
                )
                .OfType<string>()
        );

    private static string Text(XElement summary) =>
        Blank()
            .Replace(
                string.Concat(
                    summary
                        .Nodes()
                        .Select(it =>
                            it switch
                            {
                                XElement { Name.LocalName: "see" } see =>
                                    $"`{see.Attribute("cref")!.Value.Split('.')[^1]}`",
                                XElement element => $"`{element.Value}`",
                                _ => ((XText)it).Value,
                            }
                        )
                ),
                " "
            )
            .Trim();

    [GeneratedRegex(
        """AddValidatedOptions<(?<type>\w+)>\("(?<section>[\w:]+)"\)""",
        RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex Registration();

    [GeneratedRegex(@"\s+", RegexOptions.None, 1000)]
    private static partial Regex Blank();
}
