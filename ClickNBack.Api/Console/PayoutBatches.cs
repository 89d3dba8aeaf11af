using System.Net.Mime;
using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Payouts;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Console;

/// <summary>Batches of payouts for the bank: made once, fetched as a file, and marked as paid when the bank says so.</summary>
internal static class PayoutBatches
{
    public const string Path = $"{PayoutList.Path}/batches";

    internal sealed record Row(Guid Id, DateTimeOffset CreatedAt, string CreatedBy, int Payouts, decimal Amount);

    internal sealed record ListModel(KeysetPage<Row> Page);

    internal sealed record Model(
        Row Batch,
        IReadOnlyList<PayoutList.Row> Payouts,
        int Open,
        IReadOnlyList<AuditLog> Trail
    );

    public static async Task<IResult> ListAsync(
        Keyset? after,
        HttpRequest request,
        ClickNBackDbContext db,
        CancellationToken cancel
    )
    {
        var exports = db.PayoutExports.AsNoTracking();
        if (after is var (at, id))
        {
            exports = exports.Where(it =>
                EF.Functions.LessThan(ValueTuple.Create(it.CreatedAt, it.Id), ValueTuple.Create(at, id))
            );
        }

        var found = await Rows(db, exports.OrderByDescending(it => it.CreatedAt).ThenByDescending(it => it.Id))
            .Take(KeysetPage<Row>.Size + 1)
            .ToListAsync(cancel);
        return Page.Of<PayoutBatchListPage>(
            new ListModel(KeysetPage<Row>.Of(found, it => new Keyset(it.CreatedAt, it.Id), request))
        );
    }

    public static async Task<IResult> CreateAsync(
        Administrator administrator,
        PayoutExports exports,
        Flash flash,
        CancellationToken cancel
    )
    {
        var (export, refusal) = await exports.CreateAsync(administrator.Id, cancel);
        return flash.Then(
            refusal,
            "The batch is made. Download its file and hand it to the bank.",
            export is null ? $"{PayoutList.Path}?status=processing" : $"{Path}/{export.Id}"
        );
    }

    public static async Task<IResult> ShowAsync(
        Guid id,
        ClickNBackDbContext db,
        AuditSearch audit,
        CancellationToken cancel
    )
    {
        var exports = db.PayoutExports.AsNoTracking().Where(it => it.Id == id);
        if (await Rows(db, exports).FirstOrDefaultAsync(cancel) is not { } batch)
        {
            return HttpErrors.UnknownRoute.With(PayoutExports.NotFound);
        }

        var payouts = db.Payouts.AsNoTracking().Where(it => it.ExportId == id);
        var rows = await PayoutList
            .Rows(db, payouts.OrderBy(it => it.RequestedAt).ThenBy(it => it.Id))
            .ToListAsync(cancel);
        var trail = await audit.FindAsync(new AuditFilter { ResourceId = id }, null, KeysetPage<AuditLog>.Size, cancel);
        return Page.Of<PayoutBatchPage>(new Model(batch, rows, rows.Count(it => it.ProcessedAt is null), trail));
    }

    public static async Task<IResult> DownloadAsync(
        Guid id,
        Administrator administrator,
        PayoutExports exports,
        Flash flash,
        CancellationToken cancel
    )
    {
        var (file, refusal) = await exports.ReadFileAsync(id, administrator.Id, cancel);
        return file is null
            ? flash.Then(refusal, "", $"{Path}/{id}")
            : TypedResults.File(file, MediaTypeNames.Application.Xml, $"payouts-{id}.xml");
    }

    /// <summary>Marks what is still open as paid, one by one: what somebody else decides meanwhile stays as they decide.</summary>
    public static async Task<IResult> PayAsync(
        Guid id,
        Form<PayoutDetail.PaidRequest> form,
        Caller caller,
        PayoutProcessing processing,
        ClickNBackDbContext db,
        Flash flash,
        CancellationToken cancel
    )
    {
        var page = $"{Path}/{id}";
        if (form.Violations.Count > 0)
        {
            return flash.Then("Nothing was changed: the reference of the bank is missing or too long.", "", page);
        }

        var open = await db
            .Payouts.Where(it => it.ExportId == id && it.Status == PayoutStatus.Processing)
            .OrderBy(it => it.RequestedAt)
            .Select(it => it.Id)
            .ToListAsync(cancel);
        var decision = new PayoutDecision(PayoutStep.Completed, Reference: form.Value.Reference.Trim());
        var paid = 0;
        foreach (var payout in open)
        {
            var (_, refusal) = await processing.ProcessAsync(payout, decision, Actor.Of(caller), cancel);
            paid += refusal is null ? 1 : 0;
        }

        return flash.Then(
            paid == 0 ? "Nothing was left to pay in this batch." : null,
            $"{paid} {(paid == 1 ? "payout is" : "payouts are")} paid.",
            page
        );
    }

    private static IQueryable<Row> Rows(ClickNBackDbContext db, IQueryable<PayoutExport> exports) =>
        exports.Select(it => new Row(
            it.Id,
            it.CreatedAt,
            db.Users.Where(user => user.Id == it.CreatedBy).Select(user => user.Email).Single(),
            it.Payouts,
            it.Amount
        ));
}
