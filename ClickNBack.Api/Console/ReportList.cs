using ClickNBack.Api.Persistence;
using ClickNBack.Api.Reports;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Console;

/// <summary>What merchants have reported, the latest first, and what nobody has claimed of it.</summary>
internal static class ReportList
{
    public const string Path = $"{ConsoleApp.Root}/reports";

    internal sealed record Model(IReadOnlyList<Report> Reports, MerchantNames Merchants, string? Next, string? First);

    internal sealed record UnclaimedModel(
        IReadOnlyList<ReportedTransaction> Transactions,
        MerchantNames Merchants,
        string? Next,
        string? First
    );

    /// <summary>The names of the merchants on a page.</summary>
    internal sealed class MerchantNames(Dictionary<Guid, string> names)
    {
        public string this[Guid id] => names[id];

        public static async Task<MerchantNames> OfAsync(
            ClickNBackDbContext db,
            IEnumerable<Guid> merchants,
            CancellationToken cancel
        )
        {
            var ids = merchants.ToHashSet();
            return new MerchantNames(
                await db
                    .Merchants.Where(it => ids.Contains(it.Id))
                    .ToDictionaryAsync(it => it.Id, it => it.Name, cancel)
            );
        }
    }

    public static async Task<IResult> ShowAsync(
        Guid? after,
        ReportDirectory reports,
        ClickNBackDbContext db,
        CancellationToken cancel
    )
    {
        var found = await reports.ListAsync(merchantId: null, after, cancel);
        var merchants = await MerchantNames.OfAsync(db, found.Data.Select(it => it.MerchantId), cancel);
        return Page.Of<ReportListPage>(
            new Model(found.Data, merchants, NextPage(Path, found.Next), FirstPage(Path, after))
        );
    }

    public static async Task<IResult> ShowUnclaimedAsync(
        Guid? after,
        ReportDirectory reports,
        ClickNBackDbContext db,
        CancellationToken cancel
    )
    {
        const string path = $"{Path}/unclaimed";
        var found = await reports.UnclaimedAsync(merchantId: null, after, cancel);
        var merchants = await MerchantNames.OfAsync(db, found.Data.Select(it => it.MerchantId), cancel);
        return Page.Of<UnclaimedListPage>(
            new UnclaimedModel(found.Data, merchants, NextPage(path, found.Next), FirstPage(path, after))
        );
    }

    /// <summary>The address of the page after this one, if there is one.</summary>
    public static string? NextPage(string path, Guid? next) => next is { } id ? $"{path}?after={id}" : null;

    /// <summary>The address of the first page, if this is another.</summary>
    public static string? FirstPage(string path, Guid? after) => after is null ? null : path;
}
