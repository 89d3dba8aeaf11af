using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ClickNBack.ServiceDefaults;

/// <summary>One wrong setting.</summary>
/// <param name="Key">The configuration key, e.g. <c>Authentication:SigningKey</c>.</param>
/// <param name="Given">What was given, never a secret's value: <c>12 characters</c>.</param>
/// <param name="Expected">What would be right: <c>at least 32</c>.</param>
public sealed record ConfigurationError(string Key, string Given, string Expected)
{
    /// <summary>The line an operator reads.</summary>
    public override string ToString() =>
        $"{Key}: given {Given}, expected {Expected} (environment variable {EnvironmentVariable})";

    private string EnvironmentVariable => Key.Replace(":", "__", StringComparison.Ordinal);

    /// <summary>A setting and the file it may come from are one setting.</summary>
    internal string Setting => SecretFiles.SettingOf(Key);
}

/// <summary>The process cannot start with this configuration. The message has one line per wrong key.</summary>
public sealed class InvalidConfigurationException : Exception
{
    /// <summary>With all errors at once; of several for one key the first is kept.</summary>
    public InvalidConfigurationException(IEnumerable<ConfigurationError> errors)
        : this([.. errors.DistinctBy(error => error.Setting, StringComparer.OrdinalIgnoreCase)]) { }

    private InvalidConfigurationException(ImmutableArray<ConfigurationError> errors)
        : base(string.Join('\n', errors)) => Errors = errors;

    /// <summary>At least one, one per key.</summary>
    public ImmutableArray<ConfigurationError> Errors { get; }
}

/// <summary>A check of the configuration that is made before the host starts.</summary>
/// <param name="FindErrors">Gives every error it finds; empty when all is well.</param>
internal sealed record ConfigurationCheck(Func<IConfiguration, IEnumerable<ConfigurationError>> FindErrors);

/// <summary>Makes all checks once, so that whoever asks first for any option reports every error of every section.</summary>
internal sealed class ConfigurationChecks(IConfiguration configuration, IEnumerable<ConfigurationCheck> checks)
{
    private readonly Lazy<ImmutableArray<ConfigurationError>> _errors = new(() =>
        [.. checks.SelectMany(check => check.FindErrors(configuration))]
    );

    public void ThrowIfInvalid()
    {
        if (!_errors.Value.IsEmpty)
        {
            throw new InvalidConfigurationException(_errors.Value);
        }
    }
}

/// <summary>Settings that are checked at start.</summary>
public static class ConfigurationCheckExtensions
{
    /// <summary>
    /// Adds a check for settings without a record of their own. All checks are made when the host is built, and what
    /// they find is reported together.
    /// </summary>
    public static IServiceCollection AddConfigurationCheck(
        this IServiceCollection services,
        Func<IConfiguration, IEnumerable<ConfigurationError>> findErrors
    )
    {
        services.TryAddSingleton<ConfigurationChecks>();
        return services.AddSingleton(new ConfigurationCheck(findErrors));
    }

    /// <summary>Adds a check that <c>ConnectionStrings:name</c> is given.</summary>
    public static IServiceCollection AddRequiredConnectionString(this IServiceCollection services, string name) =>
        services.AddConfigurationCheck(configuration =>
            string.IsNullOrWhiteSpace(configuration.GetConnectionString(name))
                ? [new ConfigurationError($"ConnectionStrings:{name}", "nothing", "a connection string")]
                : []
        );
}
