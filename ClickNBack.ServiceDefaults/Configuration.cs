using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace ClickNBack.ServiceDefaults;

/// <summary>Settings that are right, or the program does not start.</summary>
public static class ConfigurationExtensions
{
    /// <summary>
    /// Binds the record <typeparamref name="T"/> to a section; inject <c>T</c> or <c>IOptions&lt;T&gt;</c>. Its
    /// properties hold texts, numbers and the like, or lists of them, and may have DataAnnotations and
    /// <see cref="SecretAttribute"/>. Values that do not parse, values that are not allowed and names that do not exist
    /// are all found when the host is built, and reported together with those of the other sections. A record that is an
    /// <see cref="IValidatableObject"/> finds the host's services in the context of its validation.
    /// </summary>
    public static IServiceCollection AddValidatedOptions<T>(this IServiceCollection services, string section)
        where T : class, new()
    {
        services.AddConfigurationCheck(provider => new OptionsReader<T>(provider, section).Read().Errors);
        services.TryAddSingleton(provider =>
        {
            provider.GetRequiredService<ConfigurationChecks>().ThrowIfInvalid();
            return new OptionsReader<T>(provider, section).Read().Options;
        });
        services.TryAddSingleton<IOptions<T>>(provider => Options.Create(provider.GetRequiredService<T>()));
        return services;
    }

    /// <summary>Checks that <c>ConnectionStrings:name</c> is given.</summary>
    public static IServiceCollection AddRequiredConnectionString(this IServiceCollection services, string name) =>
        services.AddConfigurationCheck(provider =>
            string.IsNullOrWhiteSpace(provider.GetRequiredService<IConfiguration>().GetConnectionString(name))
                ? [new ConfigurationError($"ConnectionStrings:{name}", "nothing", "a connection string")]
                : []
        );

    internal static IServiceCollection AddConfigurationCheck(
        this IServiceCollection services,
        Func<IServiceProvider, IEnumerable<ConfigurationError>> findErrors
    )
    {
        services.TryAddSingleton<ConfigurationChecks>();
        return services.AddSingleton(new ConfigurationCheck(findErrors));
    }
}

/// <summary>One wrong setting.</summary>
/// <param name="Key">The configuration key, e.g. <c>Authentication:SigningKey</c>.</param>
/// <param name="Given">What was given, never a secret's value: <c>12 characters</c>.</param>
/// <param name="Expected">What would be right: <c>at least 32</c>.</param>
internal sealed record ConfigurationError(string Key, string Given, string Expected)
{
    /// <summary>The line an operator reads.</summary>
    public override string ToString() =>
        $"{Key}: given {Given}, expected {Expected} (environment variable {Key.Replace(":", "__", StringComparison.Ordinal)})";
}

/// <summary>The process cannot start with this configuration. The message has one line per wrong setting.</summary>
internal sealed class InvalidConfigurationException(ImmutableArray<ConfigurationError> errors)
    : Exception(string.Join('\n', errors))
{
    public ImmutableArray<ConfigurationError> Errors => errors;
}

internal sealed record ConfigurationCheck(Func<IServiceProvider, IEnumerable<ConfigurationError>> FindErrors);

/// <summary>Makes all checks once, so that whoever asks first for any option reports every error of every section.</summary>
internal sealed class ConfigurationChecks(IServiceProvider services, IEnumerable<ConfigurationCheck> checks)
{
    // A setting and the file it may come from are one setting: of several errors the first is kept.
    private readonly Lazy<ImmutableArray<ConfigurationError>> _errors = new(() =>
        [
            .. checks
                .SelectMany(check => check.FindErrors(services))
                .DistinctBy(error => SecretFiles.SettingOf(error.Key), StringComparer.OrdinalIgnoreCase),
        ]
    );

    public void ThrowIfInvalid()
    {
        if (!_errors.Value.IsEmpty)
        {
            throw new InvalidConfigurationException(_errors.Value);
        }
    }
}
