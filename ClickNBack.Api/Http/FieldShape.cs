namespace ClickNBack.Api.Http;

/// <summary>What a field holds.</summary>
public enum FieldKind
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>A UUID.</summary>
    Id,

    /// <summary>True or false.</summary>
    Flag,

    /// <summary>A finite number.</summary>
    Number,

    /// <summary>An amount of money.</summary>
    Amount,

    /// <summary>A date.</summary>
    Date,

    /// <summary>A value of an enumeration.</summary>
    Choice,

    /// <summary>A whole number.</summary>
    Whole,

    /// <summary>An object.</summary>
    Nested,
}

/// <summary>A field that a request reads.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it holds.</param>
public sealed record FieldShape(string Name, FieldKind Kind)
{
    /// <summary>Whether it must be there.</summary>
    public bool IsRequired { get; init; }

    /// <summary>The fewest characters, or the smallest number.</summary>
    public long? Min { get; init; }

    /// <summary>The most characters, or the largest number.</summary>
    public long? Max { get; init; }

    /// <summary>The value of a whole number that is not given.</summary>
    public long? Otherwise { get; init; }

    /// <summary>The spellings of an enumeration.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>The fields of an object.</summary>
    public List<FieldShape> Fields { get; } = [];

    /// <summary>The fields of an object that has others for each value of a choice.</summary>
    public Dictionary<string, List<FieldShape>> FieldsByChoice { get; } = new(StringComparer.Ordinal);
}
