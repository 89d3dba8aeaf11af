using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace ClickNBack.ServiceDefaults;

/// <summary>The value of this setting is never shown; messages give its length.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SecretAttribute : Attribute;

/// <summary>Options that are right, or the program does not start.</summary>
public static class ValidatedOptionsExtensions
{
    /// <summary>
    /// Binds the sealed record <typeparamref name="T"/> (properties with <c>init</c>, DataAnnotations, optionally
    /// <see cref="IValidatableObject"/>, <see cref="SecretAttribute"/>) to a section. Inject <c>T</c> or
    /// <c>IOptions&lt;T&gt;</c>. Values that do not parse, values that are not allowed and keys that do not exist are
    /// all found when the host is built, and reported together with those of the other sections in one
    /// <see cref="InvalidConfigurationException"/>. A message of <see cref="IValidatableObject"/>, like an attribute's
    /// <c>ErrorMessage</c>, completes the sentence "expected …".
    /// </summary>
    public static IServiceCollection AddValidatedOptions<T>(this IServiceCollection services, string section)
        where T : class
    {
        services.AddSingleton(new ValidatedSection(section));
        var sections = services // also those that are added later
            .Where(service => service.ServiceType == typeof(ValidatedSection))
            .Select(service => ((ValidatedSection)service.ImplementationInstance!).Path);
        services.AddConfigurationCheck(configuration =>
            new OptionsCheck([.. sections]).FindErrors(configuration.GetSection(section), typeof(T))
        );

        services.TryAddSingleton(provider =>
        {
            provider.GetRequiredService<ConfigurationChecks>().ThrowIfInvalid();
            return OptionsCheck.Bind<T>(provider.GetRequiredService<IConfiguration>().GetSection(section));
        });
        services.TryAddSingleton<IOptions<T>>(provider => Options.Create(provider.GetRequiredService<T>()));
        return services;
    }

    private sealed record ValidatedSection(string Path);
}

/// <summary>Compares a section with the record it is for, key by key, without ever throwing on what it finds.</summary>
/// <param name="sections">The sections that have a record of their own, and so may stand inside another's.</param>
internal sealed class OptionsCheck(string[] sections)
{
    private readonly List<ConfigurationError> _errors = [];

    public static T Bind<T>(IConfigurationSection section)
        where T : class => section.Get<T>() ?? Activator.CreateInstance<T>(); // an absent section: the defaults

    public List<ConfigurationError> FindErrors(IConfigurationSection section, Type type)
    {
        CheckKeys(section, type);
        var bindable = WithoutErrors(section);
        CheckObject(bindable, bindable.Get(type) ?? Activator.CreateInstance(type)!);
        return _errors;
    }

    // So that one value that does not parse hides no other error.
    private IConfigurationSection WithoutErrors(IConfigurationSection section) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(
                section
                    .AsEnumerable()
                    .Where(pair => pair.Value is not null && !_errors.Exists(error => IsWithin(pair.Key, error.Key)))
            )
            .Build()
            .GetSection(section.Path);

    private void CheckKeys(IConfigurationSection section, Type type)
    {
        var settings = Setting.Of(type);
        foreach (var child in section.GetChildren())
        {
            var setting = settings.FirstOrDefault(setting => setting.IsNamed(SecretFiles.SettingOf(child.Key)));
            if (setting is not null)
            {
                CheckValue(child, setting.Type, setting);
            }
            else if (!sections.Any(path => IsWithin(path, child.Path)))
            {
                _errors.Add(
                    new ConfigurationError(
                        child.Path,
                        "an unknown name",
                        settings.Count == 0 ? "no settings here" : $"one of {string.Join(", ", settings)}"
                    )
                );
            }
        }
    }

    private static bool IsWithin(string path, string parent) =>
        path.Equals(parent, StringComparison.OrdinalIgnoreCase)
        || path.StartsWith(parent + ConfigurationPath.KeyDelimiter, StringComparison.OrdinalIgnoreCase);

    private void CheckValue(IConfigurationSection value, Type type, Setting setting)
    {
        if (SecretFiles.SettingOf(value.Key).Length < value.Key.Length)
        {
            return; // the name of a file: SecretFiles has read it
        }

        if (Values.IsSingle(type))
        {
            if (value.GetChildren().Any())
            {
                Report(value.Path, "several values", setting, type);
            }
            else if (!string.IsNullOrEmpty(value.Value) && !Values.Parses(value.Value, type))
            {
                Report(value.Path, setting.Show(value.Value), setting, type);
            }
            else if (value.Value?.Length == 0 && type != typeof(string))
            {
                Report(value.Path, "nothing", setting, type);
            }
        }
        else if (Values.ElementOf(type) is { } element)
        {
            if (!string.IsNullOrEmpty(value.Value))
            {
                _errors.Add(
                    new ConfigurationError(
                        value.Path,
                        setting.Show(value.Value),
                        $"a list ({value.Path}:0, {value.Path}:1, …)"
                    )
                );
            }

            foreach (var item in value.GetChildren())
            {
                CheckValue(item, element, setting);
            }
        }
        else
        {
            CheckKeys(value, type);
        }
    }

    private void CheckObject(IConfigurationSection section, object instance)
    {
        foreach (var setting in Setting.Of(instance.GetType()))
        {
            var path = ConfigurationPath.Combine(section.Path, setting.Name);
            var value = setting.ValueIn(instance);
            var broken = setting.Rules.FirstOrDefault(rule =>
                rule.GetValidationResult(value, setting.ContextIn(instance)) != ValidationResult.Success
            );
            if (broken is not null)
            {
                _errors.Add(
                    new ConfigurationError(path, setting.Describe(value, broken), setting.Expect(broken, setting.Type))
                );
            }
            else if (value is not null && !Values.IsSingle(setting.Type) && Values.ElementOf(setting.Type) is null)
            {
                CheckObject(section.GetSection(setting.Name), value);
            }
        }

        if (_errors.Count == 0 && instance is IValidatableObject validatable)
        {
            CheckWhole(section, validatable);
        }
    }

    private void CheckWhole(IConfigurationSection section, IValidatableObject instance)
    {
        var settings = Setting.Of(instance.GetType());
        foreach (var result in instance.Validate(new ValidationContext(instance)))
        {
            var setting = settings.FirstOrDefault(setting =>
                result.MemberNames.Contains(setting.Property.Name, StringComparer.Ordinal)
            );
            var expected = result.ErrorMessage ?? "another value";
            _errors.Add(
                setting is null
                    ? new ConfigurationError(section.Path, "these values", expected)
                    : new ConfigurationError(
                        ConfigurationPath.Combine(section.Path, setting.Name),
                        setting.Describe(setting.ValueIn(instance), rule: null),
                        expected
                    )
            );
        }
    }

    private void Report(string path, string given, Setting setting, Type type)
    {
        var range = setting.Rules.OfType<RangeAttribute>().FirstOrDefault();
        _errors.Add(
            new ConfigurationError(path, given, range is null ? Values.Describe(type) : setting.Expect(range, type))
        );
    }
}
