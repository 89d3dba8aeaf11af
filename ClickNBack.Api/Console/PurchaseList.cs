using System.ComponentModel.DataAnnotations;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Purchases;
using ClickNBack.Api.Users;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Console;

/// <summary>Everybody's purchases, newest first.</summary>
internal static class PurchaseList
{
    public const string Path = $"{ConsoleApp.Root}/purchases";

    /// <summary>What is looked for.</summary>
    internal sealed record Request
    {
        [StringLength(EmailAddress.MaxLength)]
        public string? User { get; init; }

        [StringLength(Merchants.Merchant.MaxNameLength)]
        public string? Merchant { get; init; }

        [StringLength(Purchase.MaxExternalIdLength)]
        public string? Reference { get; init; }

        public PurchaseStatus? Status { get; init; }

        public DateOnly? Day { get; init; }
    }

    internal sealed record Row(
        Guid Id,
        string Reference,
        string Email,
        string Merchant,
        decimal Amount,
        decimal Cashback,
        PurchaseStatus Status,
        DateTimeOffset CreatedAt
    );

    internal sealed record Model(Search<Request> Search, KeysetPage<Row> Page, IReadOnlyList<string> Merchants);

    public static async Task<IResult> ShowAsync(
        Search<Request> search,
        Keyset? after,
        HttpRequest http,
        ClickNBackDbContext db,
        CancellationToken cancel
    )
    {
        var merchants = await db.Merchants.OrderBy(it => it.Name).Select(it => it.Name).Take(500).ToListAsync(cancel);
        var rows = search.Violations.Count > 0 ? [] : await FindAsync(db, search.Value, after, cancel);
        var page = KeysetPage<Row>.Of(rows, it => new(it.CreatedAt, it.Id), http);
        return Page.Of<PurchaseListPage>(
            new Model(search, page, merchants),
            search.Violations.Count > 0 ? ErrorKind.Invalid : null
        );
    }

    // People and merchants are resolved first: then each search is one index, whatever else is looked for.
    private static async Task<List<Row>> FindAsync(
        ClickNBackDbContext db,
        Request wanted,
        Keyset? after,
        CancellationToken cancel
    )
    {
        IQueryable<Purchase> purchases = db.Purchases;
        if (wanted.User is { } user)
        {
            var email = await EmailAddress.ComposeAsync(db, user.Trim(), cancel);
            var owner = await db
                .Users.Where(it => email != null && it.NormalizedEmail == email.Normalized)
                .Select(it => it.Id)
                .FirstOrDefaultAsync(cancel);
            purchases = purchases.Where(it => it.UserId == owner);
        }

        if (wanted.Merchant is { } name)
        {
            var composed = await db.ComposeAsync(name.Trim(), cancel);
            var merchant = await db
                .Merchants.Where(it => it.Name == composed)
                .Select(it => it.Id)
                .FirstOrDefaultAsync(cancel);
            purchases = purchases.Where(it => it.MerchantId == merchant);
        }

        if (wanted.Reference is { } reference)
        {
            var composed = await db.ComposeAsync(reference.Trim(), cancel);
            purchases = purchases.Where(it => it.ExternalId == composed);
        }

        if (wanted.Status is { } status)
        {
            purchases = purchases.Where(it => it.Status == status);
        }

        if (Days.StartOf(wanted.Day) is { } start && Days.EndOf(wanted.Day) is { } end)
        {
            purchases = purchases.Where(it => it.CreatedAt >= start && it.CreatedAt < end);
        }

        if (after is { } last)
        {
            purchases = purchases.Where(it =>
                EF.Functions.LessThan(ValueTuple.Create(it.CreatedAt, it.Id), ValueTuple.Create(last.At, last.Id))
            );
        }

        return await purchases
            .OrderByDescending(it => it.CreatedAt)
            .ThenByDescending(it => it.Id)
            .Take(KeysetPage<Row>.Size + 1)
            .Join(db.Users, it => it.UserId, it => it.Id, (purchase, buyer) => new { purchase, buyer.Email })
            .OrderByDescending(it => it.purchase.CreatedAt)
            .ThenByDescending(it => it.purchase.Id)
            .Select(it => new Row(
                it.purchase.Id,
                it.purchase.ExternalId,
                it.Email,
                it.purchase.Merchant!.Name,
                it.purchase.Amount,
                Purchase.CashbackNow(it.purchase.Status, it.purchase.CashbackAmount),
                it.purchase.Status,
                it.purchase.CreatedAt
            ))
            .ToListAsync(cancel);
    }
}
