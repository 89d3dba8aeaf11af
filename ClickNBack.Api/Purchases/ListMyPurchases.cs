using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Purchases;

/// <summary>The caller's purchases, newest first. Opened almost as often as the offers, hence compiled queries.</summary>
public static class ListMyPurchases
{
    /// <summary>What is asked.</summary>
    public sealed record Request(string? Status, Paging Paging) : IRequest<Request>
    {
        /// <inheritdoc/>
        public static Request Read(Fields fields) =>
            new(fields.OptionalText("status"), Paging.Read(fields, Paging.ShortLimit));
    }

    private static readonly Func<ClickNBackDbContext, Guid, PurchaseStatus?, CancellationToken, Task<long>> CountAll =
        EF.CompileAsyncQuery(
            (ClickNBackDbContext db, Guid userId, PurchaseStatus? status, CancellationToken cancel) =>
                db.Purchases.LongCount(it => it.UserId == userId && (status == null || it.Status == status))
        );

    // The page is cut out first: else what belongs to each purchase would be joined to all that are skipped, too.
    private static readonly Func<
        ClickNBackDbContext,
        Guid,
        PurchaseStatus?,
        int,
        int,
        IAsyncEnumerable<PurchaseResponse>
    > ReadPage = EF.CompileAsyncQuery(
        (ClickNBackDbContext db, Guid userId, PurchaseStatus? status, int offset, int limit) =>
            db
                .Purchases.Where(it => it.UserId == userId && (status == null || it.Status == status))
                .OrderByDescending(it => it.CreatedAt)
                .ThenByDescending(it => it.Id)
                .Skip(offset)
                .Take(limit)
                .Select(PurchaseResponse.Projection)
    );

    /// <summary>The handler.</summary>
    public static async Task<Results<Ok<Page<PurchaseResponse>>, ApiError>> Handle(
        Query<Request> query,
        Caller caller,
        ClickNBackDbContext db,
        CancellationToken cancel
    )
    {
        var (statusText, paging) = query.Value;
        PurchaseStatus? status = null;
        if (statusText is not null)
        {
            if (!Choices.TryParse<PurchaseStatus>(statusText, out var choice))
            {
                return PurchaseErrors.NoSuchStatus(statusText);
            }

            status = choice;
        }

        var total = await CountAll(db, caller.Id, status, cancel);
        IReadOnlyList<PurchaseResponse> page =
            paging.Offset >= total
                ? []
                : await ReadPage(db, caller.Id, status, (int)paging.Offset, paging.Limit).ToListAsync(cancel);
        return TypedResults.Ok(new Page<PurchaseResponse>(page, new Pagination(paging.Offset, paging.Limit, total)));
    }
}
