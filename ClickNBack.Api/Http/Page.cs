using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Http;

/// <summary>Which part of a list is asked for.</summary>
/// <param name="Offset">Items to skip, 0 or more.</param>
/// <param name="Limit">Items wanted at most, 1 to 100.</param>
public sealed record Paging(long Offset, int Limit) : IRequest<Paging>
{
    /// <summary>The largest page.</summary>
    public const int MaxLimit = 100;

    /// <summary>The size of a page nobody asked a size for.</summary>
    public const int DefaultLimit = 20;

    /// <summary>The same for purchases and wallet transactions.</summary>
    public const int ShortLimit = 10;

    /// <inheritdoc/>
    public static Paging Read(Fields fields) => Read(fields, DefaultLimit);

    /// <summary>Reads <c>offset</c> and <c>limit</c>.</summary>
    public static Paging Read(Fields fields, int defaultLimit) =>
        new(fields.Whole("offset", 0, long.MaxValue, 0), (int)fields.Whole("limit", 1, MaxLimit, defaultLimit));
}

/// <summary>Where a page stands in its list.</summary>
/// <param name="Offset">Items skipped.</param>
/// <param name="Limit">Items wanted at most.</param>
/// <param name="Total">All matches.</param>
public sealed record Pagination(long Offset, int Limit, long Total);

/// <summary>The contract's page.</summary>
/// <typeparam name="T">An item.</typeparam>
/// <param name="Data">The items.</param>
/// <param name="Pagination">Where they stand.</param>
public sealed record Page<T>(IReadOnlyList<T> Data, Pagination Pagination)
{
    /// <summary>A page without items of an empty list.</summary>
    public static Page<T> Empty(Paging paging) => new([], new Pagination(paging.Offset, paging.Limit, 0));
}

/// <summary>Pages of queries.</summary>
public static class PageQueries
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
