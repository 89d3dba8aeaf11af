using System.Text.Json;
using System.Text.Json.Serialization;

namespace ClickNBack.AppHost.Standalone;

/// <summary>The application model as the Aspire AppHost publishes it.</summary>
internal sealed record Manifest(IReadOnlyList<ManifestResource> Resources)
{
    // A property that is not known here would silently be left out of the run: refuse it.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    public static Manifest Load(string file)
    {
        try
        {
            return Parse(File.ReadAllText(file));
        }
        catch (JsonException problem)
        {
            throw new SetupException($"{file} cannot be read: {problem.Message}", problem);
        }
    }

    /// <exception cref="SetupException">A resource of a type, or with a property, that cannot be run.</exception>
    public static Manifest Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        if (!document.RootElement.TryGetProperty("resources", out var resources))
        {
            throw new SetupException("The manifest has no \"resources\".");
        }

        return new([.. resources.EnumerateObject().Select(entry => Read(entry.Name, entry.Value))]);
    }

    public ManifestResource? Find(string name) => Resources.FirstOrDefault(resource => resource.Name == name);

    private static ManifestResource Read(string name, JsonElement entry)
    {
        var type = entry.TryGetProperty("type", out var value) ? value.GetString() : null;
        if (!ManifestResource.Types.Contains(type))
        {
            throw new SetupException(
                $"The resource \"{name}\" has the type \"{type}\", which cannot be run without Aspire; known are {string.Join(", ", ManifestResource.Types)}."
            );
        }

        try
        {
            return entry.Deserialize<ManifestResource>(Json)! with { Name = name };
        }
        catch (JsonException problem)
        {
            throw new SetupException(
                $"The resource \"{name}\" cannot be run without Aspire: {problem.Message}",
                problem
            );
        }
    }
}

/// <summary>One resource of the manifest; which properties are there depends on its type.</summary>
internal sealed record ManifestResource
{
    public const string Parameter = "parameter.v0";
    public const string ConnectionValue = "value.v0";
    public const string Container = "container.v0";
    public const string Project = "project.v0";

    public static readonly IReadOnlyList<string?> Types = [Parameter, ConnectionValue, Container, Project];

    [JsonIgnore]
    public string Name { get; init; } = "";

    public required string Type { get; init; }

    /// <summary>Of a parameter.</summary>
    public string? Value { get; init; }

    /// <summary>Of a parameter.</summary>
    public IReadOnlyDictionary<string, ManifestInput> Inputs { get; init; } =
        new Dictionary<string, ManifestInput>(StringComparer.Ordinal);

    public string? ConnectionString { get; init; }

    /// <summary>Of a project.</summary>
    public string? Path { get; init; }

    /// <summary>Of a container.</summary>
    public string? Image { get; init; }

    /// <summary>Of a container.</summary>
    public string? Entrypoint { get; init; }

    public IReadOnlyList<string> Args { get; init; } = [];

    public IReadOnlyDictionary<string, string> Env { get; init; } =
        new Dictionary<string, string>(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, ManifestBinding> Bindings { get; init; } =
        new Dictionary<string, ManifestBinding>(StringComparer.Ordinal);

    /// <summary>Of a container.</summary>
    public IReadOnlyList<ManifestVolume> Volumes { get; init; } = [];

    /// <summary>Whether it is something that runs.</summary>
    public bool Runs => Type is Container or Project;

    /// <summary>A project without bindings does its work and ends.</summary>
    public bool IsJob => Type == Project && Bindings.Count == 0;

    /// <summary>Whether a parameter is a secret.</summary>
    public bool IsSecret => Inputs.Values.Any(input => input.Secret);

    /// <summary>Every string that may refer to other resources, with the name of its place.</summary>
    public IEnumerable<(string Place, string Text)> Texts()
    {
        if (ConnectionString is not null)
        {
            yield return ("connectionString", ConnectionString);
        }

        foreach (var (name, value) in Env)
        {
            yield return ($"env {name}", value);
        }

        foreach (var argument in Args)
        {
            yield return ("args", argument);
        }

        if (Value is not null)
        {
            yield return ("value", Value);
        }
    }
}

/// <summary>Where the value of a parameter comes from.</summary>
internal sealed record ManifestInput(string Type, bool Secret, ManifestDefault? Default);

/// <summary>The default of a parameter: a literal, or a rule to generate one.</summary>
internal sealed record ManifestDefault(string? Value, JsonElement? Generate);

/// <summary>An endpoint of a resource.</summary>
internal sealed record ManifestBinding(
    string Scheme,
    string Protocol,
    string Transport,
    int? Port,
    int? TargetPort,
    bool External
);

/// <summary>A named volume of a container.</summary>
internal sealed record ManifestVolume(string Name, string Target, bool ReadOnly);
