namespace ClickNBack.Api.Http;

/// <summary>Whole days (UTC) as bounds of instants; both the first and the last day count.</summary>
internal static class Days
{
    /// <summary>The first instant of the day, or null.</summary>
    public static DateTimeOffset? StartOf(DateOnly? day) =>
        day is { } date ? new DateTimeOffset(date, TimeOnly.MinValue, TimeSpan.Zero) : null;

    /// <summary>The first instant after the day, or null; after the last day of all comes none.</summary>
    public static DateTimeOffset? EndOf(DateOnly? day) =>
        day is { } date && date < DateOnly.MaxValue ? StartOf(date.AddDays(1)) : null;
}
