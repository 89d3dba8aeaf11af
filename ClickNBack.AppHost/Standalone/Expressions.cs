using System.Globalization;
using System.Text;

namespace ClickNBack.AppHost.Standalone;

/// <summary>A stretch of a manifest string: plain text, or what stands between braces.</summary>
internal readonly record struct ExpressionPart(string Text, bool IsReference);

/// <summary>Splits the manifest's strings; `{{` and `}}` are plain braces.</summary>
internal static class Expressions
{
    /// <exception cref="FormatException">A brace without its counterpart.</exception>
    public static IReadOnlyList<ExpressionPart> Split(string text)
    {
        var parts = new List<ExpressionPart>();
        var plain = new StringBuilder();
        var rest = text.AsSpan();
        while (rest.Length > 0)
        {
            var brace = rest.IndexOfAny('{', '}');
            plain.Append(brace < 0 ? rest : rest[..brace]);
            rest = brace < 0 ? [] : rest[brace..];
            if (rest is ['{', '{', ..] or ['}', '}', ..])
            {
                plain.Append(rest[0]);
                rest = rest[2..];
            }
            else if (rest is ['{', ..] && rest.IndexOf('}') is var end and > 0)
            {
                parts.Add(new(plain.ToString(), IsReference: false));
                parts.Add(new(rest[1..end].ToString(), IsReference: true));
                plain.Clear();
                rest = rest[(end + 1)..];
            }
            else if (rest.Length > 0)
            {
                throw new FormatException($"a '{rest[0]}' has no counterpart");
            }
        }

        parts.Add(new(plain.ToString(), IsReference: false));
        return [.. parts.Where(part => part.Text.Length > 0 || part.IsReference)];
    }

    /// <summary>The names of the resources that a string refers to directly.</summary>
    public static IEnumerable<string> References(string text) =>
        Split(text).Where(part => part.IsReference).Select(part => part.Text.Split('.')[0]);
}

/// <summary>Where an endpoint of a resource is on this machine.</summary>
internal sealed record LocalEndpoint(string Scheme, int Port, int TargetPort)
{
    public static string Host => "127.0.0.1";

    public Uri Address => new($"{Scheme}://{Host}:{Port.ToString(CultureInfo.InvariantCulture)}");
}

/// <summary>Gives the manifest's strings their values for this run.</summary>
internal sealed class Resolver(
    Manifest manifest,
    Func<ManifestResource, string> parameter,
    Func<string, string?> configuredConnectionString,
    Func<string, string, LocalEndpoint?> endpoint
)
{
    /// <param name="resource">Whose string it is: it is named in errors.</param>
    /// <param name="text">A string of the manifest.</param>
    /// <exception cref="SetupException">An unknown reference, or one that leads back to itself.</exception>
    public string Resolve(string resource, string text) => Resolve(resource, text, []);

    private string Resolve(string resource, string text, IReadOnlyList<string> path)
    {
        try
        {
            return string.Concat(
                Expressions.Split(text).Select(part => part.IsReference ? Follow(resource, part.Text, path) : part.Text)
            );
        }
        catch (FormatException problem)
        {
            throw new SetupException($"The resource \"{resource}\" holds \"{text}\": {problem.Message}.", problem);
        }
    }

    private string Follow(string resource, string reference, IReadOnlyList<string> path)
    {
        if (path.Contains(reference))
        {
            var circle = string.Join(" -> ", path.Append(reference).Select(each => $"{{{each}}}"));
            throw new SetupException($"The resource \"{resource}\" refers to itself: {circle}.");
        }

        var steps = reference.Split('.');
        var target = manifest.Find(steps[0]) ?? throw Unknown(resource, reference);
        return steps[1..] switch
        {
            ["value"] when target.Value is { } value => Resolve(target.Name, value, [.. path, reference]),
            ["inputs", var input] when target.Inputs.ContainsKey(input) => parameter(target),
            ["connectionString"] when configuredConnectionString(target.Name) is { } configured => configured,
            ["connectionString"] when target.ConnectionString is { } value => Resolve(
                target.Name,
                value,
                [.. path, reference]
            ),
            ["bindings", var name, var property] when endpoint(target.Name, name) is { } found => property switch
            {
                "host" => LocalEndpoint.Host,
                "port" => found.Port.ToString(CultureInfo.InvariantCulture),
                "targetPort" => found.TargetPort.ToString(CultureInfo.InvariantCulture),
                "url" => found.Address.GetLeftPart(UriPartial.Authority),
                _ => throw Unknown(resource, reference),
            },
            _ => throw Unknown(resource, reference),
        };
    }

    private static SetupException Unknown(string resource, string reference) =>
        new($"The resource \"{resource}\" refers to {{{reference}}}, which the manifest does not hold.");
}
