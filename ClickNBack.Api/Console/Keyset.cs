using System.Globalization;
using ClickNBack.Api.Http;

namespace ClickNBack.Api.Console;

/// <summary>
/// Where a page of a list begins: after the row of this instant and identifier. However long the list is, a page costs the same,
/// and none is seen twice because something was added meanwhile.
/// </summary>
/// <param name="At">The row's instant, by which the list is ordered.</param>
/// <param name="Id">Its identifier, which decides between equal instants.</param>
internal readonly record struct Keyset(DateTimeOffset At, Guid Id)
{
    /// <summary>The parameter of the query string.</summary>
    public const string Parameter = "after";

    /// <summary>Called by the framework for the parameter of a handler.</summary>
    public static bool TryParse(string? text, out Keyset key)
    {
        key = default;
        if (
            text?.Split('.') is not [var instant, var row]
            || !long.TryParse(instant, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds)
            || microseconds > (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond
            || !Ids.TryParse(row, out var id)
        )
        {
            return false;
        }

        key = new(DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond), id);
        return true;
    }

    public override string ToString() => $"{(At - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond}.{Id}";
}

/// <summary>One page of a list, and the addresses of others.</summary>
/// <param name="Rows">At most <see cref="Size"/> rows.</param>
/// <param name="Next">The next page, if there is one.</param>
/// <param name="First">The first page, if this is another.</param>
internal sealed record KeysetPage<T>(IReadOnlyList<T> Rows, string? Next, string? First)
{
    /// <summary>How many rows a page has; a query asks for one more.</summary>
    public const int Size = 50;

    /// <summary>The page of what a query answered that was limited to one row more than a page has.</summary>
    public static KeysetPage<T> Of(List<T> found, Func<T, Keyset> keyOf, HttpRequest request) =>
        new(
            found.Count > Size ? found[..Size] : found,
            found.Count > Size ? Address(request, $"{keyOf(found[Size - 1])}") : null,
            request.Query.ContainsKey(Keyset.Parameter) ? Address(request, null) : null
        );

    // The same search from another place.
    private static string Address(HttpRequest request, string? after)
    {
        var query = request.Query.Where(it => it.Key != Keyset.Parameter);
        return request.Path + QueryString.Create(after is null ? query : query.Append(new(Keyset.Parameter, after)));
    }
}
