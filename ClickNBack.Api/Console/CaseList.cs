using ClickNBack.Api.Persistence;
using ClickNBack.Api.Reports;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Console;

/// <summary>The cases that wait for a decision, the oldest first.</summary>
internal static class CaseList
{
    public const string Path = $"{ConsoleApp.Root}/cases";

    internal sealed record Row(
        Guid Id,
        CaseKind Kind,
        string? Reference,
        DateOnly? Day,
        string Email,
        string? Merchant,
        decimal? Amount,
        DateTimeOffset OpenedAt
    );

    internal sealed record Model(KeysetPage<Row> Page);

    public static async Task<IResult> ShowAsync(
        Keyset? after,
        HttpRequest http,
        ClickNBackDbContext db,
        CancellationToken cancel
    )
    {
        var rows = await (
            from wanted in OpenAfter(db, after)
                .OrderBy(it => it.OpenedAt)
                .ThenBy(it => it.Id)
                .Take(KeysetPage<Row>.Size + 1)
            from purchase in db.Purchases.Where(it => it.Id == wanted.PurchaseId).DefaultIfEmpty()
            join user in db.Users on wanted.UserId ?? purchase.UserId equals user.Id
            orderby wanted.OpenedAt, wanted.Id
            select new Row(
                wanted.Id,
                wanted.Kind,
                purchase.ExternalId,
                wanted.Day,
                user.Email,
                purchase.Merchant!.Name,
                (decimal?)purchase.Amount,
                wanted.OpenedAt
            )
        ).ToListAsync(cancel);
        return Page.Of<CaseListPage>(new Model(KeysetPage<Row>.Of(rows, it => new(it.OpenedAt, it.Id), http)));
    }

    /// <summary>The cases that are open, or those of them that are younger than a place in the list.</summary>
    public static IQueryable<Case> OpenAfter(ClickNBackDbContext db, Keyset? after)
    {
        var open = db.Cases.Where(it => it.DecidedAt == null);
        return after is var (at, id)
            ? open.Where(it =>
                EF.Functions.GreaterThan(ValueTuple.Create(it.OpenedAt, it.Id), ValueTuple.Create(at, id))
            )
            : open;
    }
}
