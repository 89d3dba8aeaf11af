using System.Collections;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace ClickNBack.ServiceDefaults;

/// <summary>One property of a record of options.</summary>
internal sealed class Setting(PropertyInfo property)
{
    private readonly bool _isSecret = property.IsDefined(typeof(SecretAttribute));

    public PropertyInfo Property => property;

    public string Name { get; } = property.GetCustomAttribute<ConfigurationKeyNameAttribute>()?.Name ?? property.Name;

    public Type Type { get; } = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;

    // "Required" first: other rules accept null.
    public IReadOnlyList<ValidationAttribute> Rules { get; } =
    [.. property.GetCustomAttributes<ValidationAttribute>().OrderByDescending(rule => rule is RequiredAttribute)];

    public static IReadOnlyList<Setting> Of(Type type) =>
        [
            .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(property => property.SetMethod is { IsPublic: true } && property.GetIndexParameters() is [])
                .Select(property => new Setting(property)),
        ];

    public bool IsNamed(string key) => Name.Equals(key, StringComparison.OrdinalIgnoreCase);

    public object? ValueIn(object instance) => property.GetValue(instance);

    public ValidationContext ContextIn(object instance) => new(instance) { MemberName = property.Name };

    public override string ToString() => Name;

    /// <summary>A value as it stands in the configuration.</summary>
    public string Show(string value) => _isSecret ? Count(value.Length, "character") : $"\"{value}\"";

    /// <summary>A value as far as it may be shown and matters to the rule it breaks.</summary>
    public string Describe(object? value, ValidationAttribute? rule) =>
        value switch
        {
            null or "" => "nothing",
            string text when IsAboutLength(rule) => Count(text.Length, "character"),
            ICollection items => Count(items.Count, "item"),
            _ => Show(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""),
        };

    public string Expect(ValidationAttribute rule, Type type) =>
        rule switch
        {
            // Some attributes have a sentence of their own there, made for forms.
            { ErrorMessage: { } words } when !words.Contains("{0}", StringComparison.Ordinal) => words,
            RequiredAttribute => Values.Describe(type),
            RangeAttribute range => string.Create(
                CultureInfo.InvariantCulture,
                $"{Values.Describe(type)} from {range.Minimum} to {range.Maximum}"
            ),
            MinLengthAttribute least => $"at least {least.Length}",
            MaxLengthAttribute most => $"at most {most.Length}",
            LengthAttribute length => $"{length.MinimumLength} to {length.MaximumLength}",
            StringLengthAttribute { MinimumLength: 0 } most => $"at most {most.MaximumLength}",
            StringLengthAttribute length => $"{length.MinimumLength} to {length.MaximumLength}",
            AllowedValuesAttribute allowed => $"one of {string.Join(", ", allowed.Values)}",
            RegularExpressionAttribute pattern => $"text that matches {pattern.Pattern}",
            UrlAttribute => "an absolute http, https or ftp URL",
            _ => rule.FormatErrorMessage(Name),
        };

    private static bool IsAboutLength(ValidationAttribute? rule) =>
        rule is MinLengthAttribute or MaxLengthAttribute or LengthAttribute or StringLengthAttribute;

    private static string Count(int count, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");
}

/// <summary>What can be written in a setting.</summary>
internal static class Values
{
    /// <summary>Whether the configuration holds it as one text.</summary>
    public static bool IsSingle(Type type) =>
        TypeDescriptor.GetConverter(Underlying(type)).CanConvertFrom(typeof(string));

    /// <summary>The type of a list's items or a dictionary's values, or null.</summary>
    public static Type? ElementOf(Type type)
    {
        if (type.IsArray)
        {
            return type.GetElementType();
        }

        var isCollection = type.IsGenericType && type.IsAssignableTo(typeof(IEnumerable));
        return isCollection ? type.GetGenericArguments()[^1] : null;
    }

    /// <summary>Whether the binder can make it one, in the way the binder does it.</summary>
    public static bool Parses(string text, Type type)
    {
        type = Underlying(type);
        try
        {
            var value = TypeDescriptor.GetConverter(type).ConvertFromInvariantString(text);
            return !type.IsEnum || type.IsDefined(typeof(FlagsAttribute), false) || Enum.IsDefined(type, value!);
        }
        catch (Exception exception)
            when (exception is FormatException or ArgumentException or NotSupportedException or OverflowException)
        {
            return false;
        }
    }

    public static string Describe(Type type)
    {
        type = Underlying(type);
        return type.IsEnum
            ? $"one of {string.Join(", ", Enum.GetNames(type))}"
            : Type.GetTypeCode(type) switch
            {
                TypeCode.Boolean => "true or false",
                >= TypeCode.SByte and <= TypeCode.UInt64 => "a whole number",
                >= TypeCode.Single and <= TypeCode.Decimal => "a number",
                _ when type == typeof(TimeSpan) => "a duration (days.hours:minutes:seconds)",
                _ when type == typeof(Guid) => "a UUID",
                _ when type == typeof(Uri) => "a URL",
                _ when type == typeof(DateTimeOffset) => "a date and time (ISO 8601)",
                _ when type == typeof(DateOnly) => "a date (ISO 8601)",
                _ => "a value",
            };
    }

    private static Type Underlying(Type type) => Nullable.GetUnderlyingType(type) ?? type;
}
