using System.Collections;
using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace ClickNBack.Api.Http;

/// <summary>
/// Reads requests: plain records, of which a <c>required</c> property is a required field, while any other keeps its initial
/// value if the field is absent or null. Annotations are the rules. Every wrong field is named at once, in the contract's
/// names, with a dotted path when nested; what the record holds then does not matter, because it is refused.
/// </summary>
internal static class RequestBinder
{
    // A decimal holds 28 significant digits: a longer text could be rounded into something that looks right.
    private const int LongestNumber = 28;

    private const NumberStyles Whole = NumberStyles.AllowLeadingSign;

    private static readonly JsonNamingPolicy Naming = JsonNamingPolicy.SnakeCaseLower;
    private static readonly ConcurrentDictionary<Type, Field[]> FieldsByType = new();

    /// <summary>Reads a JSON object; null if it is none.</summary>
    public static object? ReadBody(Type type, ReadOnlyMemory<byte> json, List<Violation> violations)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return ReadObject(type, document.RootElement, path: "", violations);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Reads a query string; of a repeated parameter, the last.</summary>
    public static object ReadQuery(Type type, IQueryCollection query, List<Violation> violations) =>
        Read(type, name => query[name] is [.., { } text] ? new Given(text, text) : default, path: "", violations);

    /// <summary>Reads named texts, such as the columns of a row; one that is null is absent.</summary>
    public static object ReadText(Type type, Func<string, string?> text, List<Violation> violations) =>
        Read(
            type,
            name => text(name) is { } it ? new Given(it, it, JsonSerializer.SerializeToElement(it)) : default,
            path: "",
            violations
        );

    /// <summary>Reads a form; what is left empty is absent.</summary>
    public static object ReadForm(Type type, IFormCollection form, List<Violation> violations) =>
        Read(
            type,
            name => form[name] is [.., { Length: > 0 } text] ? new Given(text, text) : default,
            path: "",
            violations
        );

    private static object? ReadObject(Type type, JsonElement json, string path, List<Violation> violations) =>
        FieldsOf(json) is { } values
            ? Read(type, name => Given.Of(values.GetValueOrDefault(name)), path, violations)
            : null;

    private static object Read(Type type, Func<string, Given> source, string path, List<Violation> violations)
    {
        var request = Activator.CreateInstance(type)!;
        foreach (var field in FieldsByType.GetOrAdd(type, it => [.. it.GetProperties().Select(Field.Of)]))
        {
            var name = path + field.Name;
            var value = source(field.Name) switch
            {
                _ when field.DependsOn is { } other && IsWrong(path + other, violations) => null,
                { IsAbsent: true } => field.IsRequired ? Wrong("is required") : null,
                var given => (
                    field switch
                    {
                        { Convert: { } convert } => convert(given),
                        { EntryType: { } entry } => ReadList(entry, field.MaxEntries, given.Json, name, violations),
                        _ => ReadObject(field.TypeWithin(request), given.Json, $"{name}.", violations),
                    }
                ) ?? Wrong($"must be {field.Form}"),
            };
            if (value is null)
            {
                continue;
            }

            if (BrokenBy(value, field.Rules) is { } broken)
            {
                Wrong(ReasonOf(broken));
            }

            field.Property.SetValue(request, value);

            object? Wrong(string reason)
            {
                violations.Add(new Violation(name, reason));
                return null;
            }
        }

        return request;
    }

    // Of a list that is too long no entry is looked at: its length is what is wrong.
    private static IList? ReadList(Type entry, int max, JsonElement json, string name, List<Violation> violations)
    {
        if (json.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var isTooLong = json.GetArrayLength() > max;
        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(entry))!;
        foreach (var (index, item) in json.EnumerateArray().Index())
        {
            var path = $"{name}.{index}";
            var value = isTooLong ? null : ReadObject(entry, item, $"{path}.", violations);
            if (value is null && !isTooLong)
            {
                violations.Add(new Violation(path, "must be an object"));
            }

            list.Add(value);
        }

        return list;
    }

    private static string ReasonOf(ValidationAttribute rule) =>
        rule switch
        {
            StringLengthAttribute { MinimumLength: var min, MaximumLength: var max } when min == max =>
                $"must have exactly {max} characters",
            StringLengthAttribute { MinimumLength: var min, MaximumLength: var max } =>
                $"must have {min} to {max} characters",
            RangeAttribute { Minimum: var min, Maximum: var max } => $"must be from {min} to {max}",
            _ => rule.FormatErrorMessage(""),
        };

    private static bool IsWrong(string field, List<Violation> violations)
    {
        foreach (var violation in violations)
        {
            if (violation.Field == field)
            {
                return true;
            }
        }

        return false;
    }

    private static ValidationAttribute? BrokenBy(object value, ValidationAttribute[] rules)
    {
        foreach (var rule in rules)
        {
            if (!rule.IsValid(value))
            {
                return rule;
            }
        }

        return null;
    }

    // Of a field that is given twice, the last.
    private static Dictionary<string, JsonElement>? FieldsOf(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        try
        {
            var fields = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
            foreach (var field in json.EnumerateObject())
            {
                fields[field.Name] = field.Value;
            }

            return fields;
        }
        catch (InvalidOperationException) // see Given.TextOf
        {
            return null;
        }
    }

    // A field's value: as text, as a number or Boolean (in a query string it may be either), as JSON.
    private readonly record struct Given(string? Text, string? Literal, JsonElement Json = default)
    {
        public bool IsAbsent => Literal is null;

        public static Given Of(JsonElement json) =>
            json.ValueKind switch
            {
                JsonValueKind.Undefined or JsonValueKind.Null => default,
                JsonValueKind.String => new(TextOf(json), "", json),
                JsonValueKind.Object or JsonValueKind.Array => new(null, "", json),
                _ => new(null, json.GetRawText(), json),
            };

        // Text that is none, such as half a surrogate pair, is a mistake of the client's.
        private static string? TextOf(JsonElement json)
        {
            try
            {
                return json.GetString();
            }
            catch (InvalidOperationException)
            {
                return null;
            }
        }
    }

    private sealed record Field(PropertyInfo Property, string Name, string Form, Func<Given, object?>? Convert)
    {
        private readonly PropertyInfo? _dependsOn = Property.GetCustomAttribute<DependsOnAttribute>() is { } other
            ? Property.DeclaringType!.GetProperty(other.Property)
            : null;

        public bool IsRequired { get; } = Property.IsDefined(typeof(RequiredMemberAttribute));

        /// <summary>What a list holds; null if it is none.</summary>
        public Type? EntryType { get; } =
            Property.PropertyType is { IsGenericType: true } type
            && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)
                ? type.GetGenericArguments()[0]
                : null;

        public int MaxEntries => Rules.OfType<LengthAttribute>().Single().MaximumLength;

        public ValidationAttribute[] Rules { get; } = [.. Property.GetCustomAttributes<ValidationAttribute>()];

        public string? DependsOn => _dependsOn is null ? null : NameOf(_dependsOn);

        public Type TypeWithin(object request) =>
            _dependsOn is null
                ? Property.PropertyType
                : Property.PropertyType.GetNestedType($"{_dependsOn.GetValue(request)}")!;

        public static Field Of(PropertyInfo property)
        {
            var (form, convert) = Reading(property);
            return new Field(property, NameOf(property), form, convert);
        }

        private static string NameOf(PropertyInfo property) => Naming.ConvertName(property.Name);

        private static (string Form, Func<Given, object?>? Convert) Reading(PropertyInfo property)
        {
            var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            if (type.IsEnum)
            {
                var values = Enum.GetValues(type)
                    .Cast<object>()
                    .ToDictionary(it => Naming.ConvertName($"{it}"), StringComparer.Ordinal);
                return ($"one of {string.Join(", ", values.Keys)}", it => values.GetValueOrDefault(it.Text ?? ""));
            }

            return type switch
            {
                _ when type == typeof(string) => (
                    "text without NUL characters",
                    it => it.Text?.Contains('\0') == false ? it.Text : null
                ),
                _ when type == typeof(Guid) => ("a UUID", it => Ids.TryParse(it.Text, out var id) ? id : null),
                _ when type == typeof(bool) => (
                    "true or false",
                    it => bool.TryParse(it.Literal, out var flag) ? flag : null
                ),
                _ when type == typeof(decimal) => ("a finite number", it => NumberOf(it.Text ?? it.Literal!)),
                _ when type == typeof(DateOnly) => ("a date as YYYY-MM-DD", it => DateOf(it.Text)),
                _ when type == typeof(int) => (
                    "a whole number",
                    it => int.TryParse(it.Literal, Whole, CultureInfo.InvariantCulture, out var whole) ? whole : null
                ),
                _ when type == typeof(long) => (
                    "a whole number",
                    it => long.TryParse(it.Literal, Whole, CultureInfo.InvariantCulture, out var whole) ? whole : null
                ),
                _ when type == typeof(DateTimeOffset) => (
                    "an instant as YYYY-MM-DDThh:mm:ssZ, or with its offset from UTC",
                    it => InstantOf(it)
                ),
                _ when type.IsGenericType => ("a list", null),
                _ => ("an object", null),
            };
        }

        private static decimal? NumberOf(string text) =>
            text.Length <= LongestNumber
            && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                ? number
                : null;

        // Without an offset it would be in whatever zone the server is.
        private static DateTimeOffset? InstantOf(Given given) =>
            given.Text is [.., 'Z' or 'z'] or [.., '+' or '-', _, _, ':', _, _]
            && given.Json.TryGetDateTimeOffset(out var instant)
                ? instant
                : null;

        // A date-time at midnight is tolerated.
        private static DateOnly? DateOf(string? text)
        {
            const DateTimeStyles utc = DateTimeStyles.AssumeUniversal;
            if (
                DateOnly.TryParseExact(
                    text,
                    "yyyy-MM-dd",
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.None,
                    out var date
                )
            )
            {
                return date;
            }

            return
                text?.Contains('T') == true
                && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, utc, out var instant)
                && instant.TimeOfDay == TimeSpan.Zero
                ? DateOnly.FromDateTime(instant.Date)
                : null;
        }
    }
}

/// <summary>Says that another property decides which object this one holds: the nested type that is called like its value.</summary>
/// <param name="property">The other property, an enumeration.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DependsOnAttribute(string property) : Attribute
{
    public string Property => property;
}
