using System.Globalization;
using System.Text.Json;

namespace ClickNBack.Api.Http;

/// <summary>
/// Reads the fields of a JSON body or of a query string and remembers every wrong one, so that a client learns all its
/// mistakes at once. A wrong field yields a default value, which nobody sees: the request is refused.
/// </summary>
public sealed partial class Fields
{
    /// <summary>The largest amount of money the platform records: 9,999,999,999.99.</summary>
    public const decimal LargestAmount = 9_999_999_999.99m;

    // A decimal holds 28 significant digits: a longer text could be rounded into something that looks right.
    private const int LongestNumber = 28;

    private readonly JsonElement? _body;
    private readonly IQueryCollection? _query;
    private readonly string _prefix;
    private readonly List<FieldShape>? _shapes;

    private Fields(
        JsonElement? body,
        IQueryCollection? query,
        string prefix,
        List<Violation> violations,
        List<FieldShape>? shapes = null
    )
    {
        _body = body;
        _query = query;
        _prefix = prefix;
        _shapes = shapes;
        Violations = violations;
    }

    /// <summary>
    /// What a request reads, found out by letting it read nothing: so the description of an API cannot differ from what it
    /// does.
    /// </summary>
    public static IReadOnlyList<FieldShape> Describe<T>()
        where T : IRequest<T>
    {
        var shapes = new List<FieldShape>();
        T.Read(new Fields(null, null, "", [], shapes));
        return shapes;
    }

    /// <summary>The fields of a JSON object.</summary>
    public static Fields Of(JsonElement body) => new(body, null, "", []);

    /// <summary>The parameters of a query string; of a repeated one, the last.</summary>
    public static Fields Of(IQueryCollection query) => new(null, query, "", []);

    /// <summary>What is wrong so far.</summary>
    public List<Violation> Violations { get; }

    /// <summary>Whether the field is there and not null.</summary>
    public bool Has(string name) => TryGet(name, out _);

    /// <summary>A required text of a length between the two, in characters, free of NUL.</summary>
    public string Text(string name, int min = 0, int max = 10_000) =>
        Required(new(name, FieldKind.Text) { Min = min, Max = max }, out var value)
            ? TextOf(name, value, min, max)
            : "";

    /// <summary>A text, or null.</summary>
    public string? OptionalText(string name, int max = 10_000) =>
        Optional(new(name, FieldKind.Text) { Max = max }, out var value) ? TextOf(name, value, 0, max) : null;

    /// <summary>A required UUID.</summary>
    public Guid Id(string name) =>
        Required(new(name, FieldKind.Id), out var value) ? IdOf(name, value) ?? default : default;

    /// <summary>A UUID, or null.</summary>
    public Guid? OptionalId(string name) => Optional(new(name, FieldKind.Id), out var value) ? IdOf(name, value) : null;

    /// <summary>A required <c>true</c> or <c>false</c>.</summary>
    public bool Flag(string name) => Required(new(name, FieldKind.Flag), out var value) && FlagOf(name, value);

    /// <summary><c>true</c>, <c>false</c>, or null.</summary>
    public bool? OptionalFlag(string name) =>
        Optional(new(name, FieldKind.Flag), out var value) ? FlagOf(name, value) : null;

    /// <summary>A required finite number, as a JSON number or as text.</summary>
    public decimal Number(string name) =>
        Required(new(name, FieldKind.Number), out var value) ? NumberOf(name, value) : 0;

    /// <summary>A required amount of money: above 0, at most <see cref="LargestAmount"/>, at most two decimals.</summary>
    public decimal Amount(string name)
    {
        if (!Required(new(name, FieldKind.Amount), out var value))
        {
            return 0;
        }

        var before = Violations.Count;
        var amount = NumberOf(name, value);
        if (Violations.Count == before && amount is <= 0 or > LargestAmount)
        {
            Wrong(name, "must be greater than 0 and at most 9999999999.99");
        }
        else if (amount != decimal.Round(amount, 2))
        {
            Wrong(name, "must have at most two decimals");
        }

        return amount;
    }

    /// <summary>A required date; a date-time at midnight is tolerated.</summary>
    public DateOnly Date(string name) =>
        Required(new(name, FieldKind.Date), out var value) ? DateOf(name, value) ?? default : default;

    /// <summary>A date, or null.</summary>
    public DateOnly? OptionalDate(string name) =>
        Optional(new(name, FieldKind.Date), out var value) ? DateOf(name, value) : null;

    /// <summary>A required value of an enumeration, in the contract's spelling: one of these, or any if none are named.</summary>
    public T Choice<T>(string name, params T[] among)
        where T : struct, Enum
    {
        var choices = among.Length == 0 ? Choices.All<T>() : [.. among.Select(Json.Name)];
        return Required(new(name, FieldKind.Choice) { Choices = choices }, out var value)
            ? ChoiceOf<T>(name, value, choices)
            : default;
    }

    /// <summary>A value of an enumeration, or null.</summary>
    public T? OptionalChoice<T>(string name)
        where T : struct, Enum =>
        Optional(new(name, FieldKind.Choice) { Choices = Choices.All<T>() }, out var value)
            ? ChoiceOf<T>(name, value, Choices.All<T>())
            : null;

    /// <summary>A whole number between the two, or the default.</summary>
    public long Whole(string name, long min, long max, long otherwise)
    {
        var shape = new FieldShape(name, FieldKind.Whole)
        {
            Min = min,
            Max = max == long.MaxValue ? null : max,
            Otherwise = otherwise,
        };
        if (!Optional(shape, out var value))
        {
            return otherwise;
        }

        if (
            !long.TryParse(Raw(value), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
            || whole < min
            || whole > max
        )
        {
            Wrong(
                name,
                max == long.MaxValue
                    ? $"must be a whole number, {min} or more"
                    : $"must be a whole number from {min} to {max}"
            );
            return otherwise;
        }

        return whole;
    }

    /// <summary>A required object; its fields are reported with a dotted path.</summary>
    public Fields Nested(string name)
    {
        var shape = new FieldShape(name, FieldKind.Nested);
        if (Required(shape, out var value) && value.ValueKind != JsonValueKind.Object)
        {
            Wrong(name, "must be an object");
        }

        JsonElement? inner = value.ValueKind == JsonValueKind.Object ? value : null;
        return new Fields(inner, null, $"{_prefix}{name}.", Violations, _shapes is null ? null : shape.Fields);
    }

    /// <summary>
    /// A required choice and the required object whose fields depend on it: while nobody knows the choice, nobody knows what
    /// the object should hold, and it is not read.
    /// </summary>
    public (T Choice, TObject Value) NestedBy<T, TObject>(
        string choice,
        string name,
        Func<T, Fields, TObject> read,
        TObject otherwise
    )
        where T : struct, Enum
    {
        var before = Violations.Count;
        var chosen = Choice<T>(choice);
        if (_shapes is not null)
        {
            var shape = new FieldShape(name, FieldKind.Nested) { IsRequired = true };
            _shapes.Add(shape);
            foreach (var possible in Enum.GetValues<T>())
            {
                var inner = new List<FieldShape>();
                read(possible, new Fields(null, null, "", [], inner));
                shape.FieldsByChoice.Add(Json.Name(possible), inner);
            }
        }

        return (chosen, Violations.Count == before ? read(chosen, Nested(name)) : otherwise);
    }

    /// <summary>Reports a field as wrong.</summary>
    public void Wrong(string name, string reason) => Violations.Add(new Violation(_prefix + name, reason));

    private bool Required(FieldShape shape, out JsonElement value)
    {
        _shapes?.Add(shape with { IsRequired = true });
        if (TryGet(shape.Name, out value))
        {
            return true;
        }

        Wrong(shape.Name, "is required");
        return false;
    }

    private bool Optional(FieldShape shape, out JsonElement value)
    {
        _shapes?.Add(shape);
        return TryGet(shape.Name, out value);
    }

    private bool TryGet(string name, out JsonElement value)
    {
        if (_query is not null)
        {
            var given = _query.TryGetValue(name, out var values) ? values[^1] : null;
            value = given is null ? default : JsonSerializer.SerializeToElement(given);
            return given is not null;
        }

        if (_body is { } body && body.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null)
        {
            return true;
        }

        value = default;
        return false;
    }
}
