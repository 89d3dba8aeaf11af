using System.ComponentModel.DataAnnotations;
using System.Net.Mime;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Metadata;
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
}

/// <summary>A part of a list that is too long to be counted: it goes on after the key of its last item.</summary>
/// <typeparam name="T">An item.</typeparam>
/// <param name="Data">The items, at most <see cref="Slice.Size"/>.</param>
/// <param name="Next">What to ask for the items after; null if there are none.</param>
internal sealed record Slice<T>(IReadOnlyList<T> Data, Guid? Next);

/// <summary>Slices of queries.</summary>
internal static class Slice
{
    /// <summary>How many items a slice has, unless they are the last.</summary>
    public const int Size = 50;

    /// <summary>Reads the first items of a query. It must have the order of the key.</summary>
    public static async Task<Slice<T>> ToSliceAsync<T>(
        this IQueryable<T> query,
        Func<T, Guid> key,
        CancellationToken cancel
    )
    {
        var items = await query.Take(Size + 1).ToListAsync(cancel);
        return items.Count <= Size ? new(items, Next: null) : new(items.GetRange(0, Size), key(items[Size - 1]));
    }
}

/// <summary>A page of items that are at hand as JSON: 200, like any other page.</summary>
/// <typeparam name="T">What is written in them.</typeparam>
/// <param name="Items">The items of this page.</param>
/// <param name="Pagination">Where they stand.</param>
internal sealed record WrittenPage<T>(List<byte[]> Items, Pagination Pagination) : IResult, IEndpointMetadataProvider
{
    /// <summary>A page of all of them.</summary>
    public static WrittenPage<T> Of(List<byte[]> all, Paging paging)
    {
        var first = (int)Math.Min(paging.Offset, all.Count);
        return new(
            all.GetRange(first, Math.Min(paging.Limit, all.Count - first)),
            new Pagination(paging.Offset, paging.Limit, all.Count)
        );
    }

    /// <summary>Called by the framework.</summary>
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(
            new ProducesResponseTypeMetadata(
                StatusCodes.Status200OK,
                typeof(Page<T>),
                [MediaTypeNames.Application.Json]
            )
        );

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = "application/json; charset=utf-8";
        await using (var json = new Utf8JsonWriter(httpContext.Response.BodyWriter))
        {
            json.WriteStartObject();
            json.WriteStartArray("data");
            foreach (var item in Items)
            {
                json.WriteRawValue(item, skipInputValidation: true);
            }

            json.WriteEndArray();
            json.WritePropertyName("pagination");
            JsonSerializer.Serialize(json, Pagination, Json.Options);
            json.WriteEndObject();
        }

        await httpContext.Response.BodyWriter.FlushAsync(httpContext.RequestAborted);
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
