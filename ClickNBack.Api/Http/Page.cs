using System.ComponentModel.DataAnnotations;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Http;

/// <summary>Which part of a list is asked for: what every request for a list has in common.</summary>
internal record Paging
{
    public const int DefaultLimit = 20;

    /// <summary>The same for purchases and wallet transactions.</summary>
    public const int ShortLimit = 10;

    [Range(typeof(long), "0", "9223372036854775807")]
    public long Offset { get; init; }

    [Range(1, 100)]
    public int Limit { get; init; } = DefaultLimit;
}

/// <summary>Where a page stands in its list.</summary>
/// <param name="Offset">Items skipped.</param>
/// <param name="Limit">Items wanted at most.</param>
/// <param name="Total">All matches.</param>
internal sealed record Pagination(long Offset, int Limit, long Total);

/// <summary>The contract's page.</summary>
/// <typeparam name="T">An item.</typeparam>
/// <param name="Data">The items.</param>
/// <param name="Pagination">Where they stand.</param>
internal sealed record Page<T>(IReadOnlyList<T> Data, Pagination Pagination)
{
    /// <summary>A page without items of an empty list.</summary>
    public static Page<T> Empty(Paging paging) => new([], new Pagination(paging.Offset, paging.Limit, 0));

    /// <summary>A page of a list that is at hand.</summary>
    public static Page<T> Of(List<T> all, Paging paging)
    {
        var first = (int)Math.Min(paging.Offset, all.Count);
        return new(
            all.GetRange(first, Math.Min(paging.Limit, all.Count - first)),
            new Pagination(paging.Offset, paging.Limit, all.Count)
        );
    }
}

/// <summary>Pages of queries.</summary>
internal static class PageQueries
{
    /// <summary>Counts all matches and reads one page of them. The query must have a total order.</summary>
    public static async Task<Page<T>> ToPageAsync<T>(this IQueryable<T> query, Paging paging, CancellationToken cancel)
    {
        var total = await query.LongCountAsync(cancel);
        IReadOnlyList<T> data =
            paging.Offset >= total
                ? []
                : await query.Skip((int)Math.Min(paging.Offset, int.MaxValue)).Take(paging.Limit).ToListAsync(cancel);
        return new Page<T>(data, new Pagination(paging.Offset, paging.Limit, total));
    }
}
