using Microsoft.Extensions.Configuration;

namespace ClickNBack.AppHost.Standalone;

/// <summary>The values of the manifest's parameters: configured, stored, the manifest's default, or generated and stored.</summary>
internal sealed class Parameters(Settings settings, Manifest manifest)
{
    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    /// <summary>Gives a parameter a value that wins over all others.</summary>
    public void Set(string parameter, string value)
    {
        lock (values)
        {
            values[parameter] = value;
        }
    }

    /// <exception cref="SetupException">It has no value and is no secret that could be generated.</exception>
    public string ValueOf(ManifestResource parameter)
    {
        lock (values)
        {
            if (!values.TryGetValue(parameter.Name, out var value))
            {
                value = Find(parameter);
                values[parameter.Name] = value;
            }

            return value;
        }
    }

    /// <summary>The secrets in use, so that they can be kept out of what people see.</summary>
    public IReadOnlyList<string> SecretsInUse
    {
        get
        {
            lock (values)
            {
                return [.. values.Where(each => manifest.Find(each.Key)?.IsSecret == true).Select(each => each.Value)];
            }
        }
    }

    private string Find(ManifestResource parameter)
    {
        if (LocalParameters.Find(settings.Configuration, parameter.Name) is { } configured)
        {
            return configured;
        }

        var fallback = parameter.Inputs.Values.Select(input => input.Default).FirstOrDefault(each => each is not null);
        if (fallback?.Value is { } value)
        {
            return value;
        }

        if (!parameter.IsSecret && fallback?.Generate is null)
        {
            throw new SetupException(
                $"The parameter \"{parameter.Name}\" has no value: give one with --Parameters:{parameter.Name}=…, or `dotnet user-secrets`."
            );
        }

        try
        {
            LocalParameters.EnsureGenerated(settings.Configuration, settings.SecretsFile, parameter.Name);
        }
        catch (Exception problem) when (problem is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new SetupException(
                $"The parameter \"{parameter.Name}\" cannot be stored: {problem.Message}",
                problem
            );
        }

        return settings.Configuration[ConfigurationPath.Combine("Parameters", parameter.Name)]!;
    }
}
