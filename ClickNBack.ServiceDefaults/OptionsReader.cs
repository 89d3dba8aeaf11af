using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace ClickNBack.ServiceDefaults;

/// <summary>The value of this setting is never shown; messages give its length.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SecretAttribute : Attribute;

/// <summary>Reads a section into a record, and says of each setting that is wrong what was given and what is expected.</summary>
internal sealed class OptionsReader<T>(IServiceProvider services, string sectionName)
    where T : class, new()
{
    private static readonly PropertyInfo[] Settings = [.. typeof(T).GetProperties().Where(it => it.CanWrite)];

    private readonly IConfigurationSection _section = services
        .GetRequiredService<IConfiguration>()
        .GetSection(sectionName);
    private readonly T _options = new();
    private readonly List<ConfigurationError> _errors = [];

    public (T Options, IReadOnlyList<ConfigurationError> Errors) Read()
    {
        foreach (var setting in Settings)
        {
            Read(setting);
        }

        var names = Settings.Select(it => it.Name).ToArray();
        foreach (var key in _section.GetChildren().Select(it => it.Key))
        {
            if (!names.Contains(SecretFiles.SettingOf(key), StringComparer.OrdinalIgnoreCase))
            {
                Report(key, "an unknown name", $"one of {string.Join(", ", names)}");
            }
        }

        if (_errors.Count == 0 && _options is IValidatableObject together)
        {
            foreach (var result in together.Validate(new ValidationContext(_options, services, items: null)))
            {
                var setting = typeof(T).GetProperty(result.MemberNames.Single())!;
                Report(setting.Name, Describe(setting), result.ErrorMessage!);
            }
        }

        return (_options, _errors);
    }

    private void Read(PropertyInfo setting)
    {
        // "Required" first: the other rules accept nothing.
        var rules = setting
            .GetCustomAttributes<ValidationAttribute>()
            .OrderByDescending(it => it is RequiredAttribute)
            .ToArray();
        var given = _section.GetSection(setting.Name);
        if (TrySet(setting, given) is { } wrong)
        {
            Report(setting.Name, wrong, Expect(setting, Array.Find(rules, it => it is RangeAttribute)));
            return;
        }

        var context = new ValidationContext(_options) { MemberName = setting.Name };
        var value = setting.GetValue(_options);
        if (Array.Find(rules, it => it.GetValidationResult(value, context) is not null) is { } broken)
        {
            Report(setting.Name, Describe(setting, broken), Expect(setting, broken));
        }
    }

    // Sets the property, if its key is given; answers what was given instead of a value for it, or null.
    private string? TrySet(PropertyInfo setting, IConfigurationSection given)
    {
        if (IsList(setting) ? given.Value is { Length: > 0 } : given.GetChildren().Any())
        {
            return given.Value is null ? "several values" : Show(setting, given.Value);
        }

        // The binder would take a number for a name.
        if (
            given.Value is { } name
            && TypeOf(setting) is { IsEnum: true } choice
            && !NamesOf(choice).Contains(name, StringComparer.OrdinalIgnoreCase)
        )
        {
            return name.Length == 0 ? "nothing" : Show(setting, name);
        }

        if (given.Value is "" && setting.PropertyType != typeof(string) && !IsList(setting))
        {
            return Nullable.GetUnderlyingType(setting.PropertyType) is null ? "nothing" : null;
        }

        try
        {
            if (given.Exists())
            {
                setting.SetValue(_options, given.Get(setting.PropertyType));
            }

            return null;
        }
        catch (InvalidOperationException) // the binder's, and its message has the value
        {
            return Show(setting, given.Value!);
        }
    }

    private void Report(string name, string given, string expected) =>
        _errors.Add(new(ConfigurationPath.Combine(_section.Path, name), given, expected));

    // As far as it may be shown and matters to the rule it breaks.
    private string Describe(PropertyInfo setting, ValidationAttribute? broken = null) =>
        setting.GetValue(_options) switch
        {
            null or "" => "nothing",
            string text when broken is MinLengthAttribute or MaxLengthAttribute => Count(text),
            IReadOnlyList<string> items => $"\"{string.Join(", ", items)}\"",
            var value => Show(setting, Convert.ToString(value, CultureInfo.InvariantCulture)!),
        };

    private static string Show(PropertyInfo setting, string value) =>
        setting.IsDefined(typeof(SecretAttribute)) ? Count(value) : $"\"{value}\"";

    private static string Count(string text) => text.Length == 1 ? "1 character" : $"{text.Length} characters";

    private static Type TypeOf(PropertyInfo setting) =>
        Nullable.GetUnderlyingType(setting.PropertyType) ?? setting.PropertyType;

    private static string[] NamesOf(Type choice) => [.. Enum.GetNames(choice).Select(it => it.ToLowerInvariant())];

    private static bool IsList(PropertyInfo setting) =>
        setting.PropertyType != typeof(string) && setting.PropertyType.IsAssignableTo(typeof(IEnumerable));

    private string Expect(PropertyInfo setting, ValidationAttribute? rule)
    {
        var type = TypeOf(setting);
        var kind = Type.GetTypeCode(type) switch
        {
            _ when type.IsEnum => $"one of {string.Join(", ", NamesOf(type))}",
            TypeCode.Boolean => "true or false",
            >= TypeCode.SByte and <= TypeCode.UInt64 => "a whole number",
            >= TypeCode.Single and <= TypeCode.Decimal => "a number",
            _ when type == typeof(Guid) => "a UUID",
            _ when IsList(setting) => $"a list ({_section.Path}:{setting.Name}:0, {_section.Path}:{setting.Name}:1, …)",
            _ => "a value",
        };
        return rule switch
        {
            null or RequiredAttribute => kind,
            { ErrorMessage: { } words } => words,
            RangeAttribute it => string.Create(
                CultureInfo.InvariantCulture,
                $"{kind} from {it.Minimum} to {it.Maximum}"
            ),
            MinLengthAttribute it => $"at least {it.Length}",
            MaxLengthAttribute it => $"at most {it.Length}",
            _ => rule.FormatErrorMessage(setting.Name),
        };
    }
}
