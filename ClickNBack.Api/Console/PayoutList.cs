using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Payouts;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Console;

/// <summary>Payouts by where they stand: those that wait for somebody oldest first, those that have ended newest first.</summary>
internal static class PayoutList
{
    public const string Path = $"{ConsoleApp.Root}/payouts";

    internal sealed record Row(
        Guid Id,
        DateTimeOffset RequestedAt,
        string Email,
        PayoutMethod Method,
        decimal Amount,
        DateTimeOffset? ProcessedAt,
        string? Reference,
        Guid? ExportId,
        HoldReason? HeldFor
    );

    /// <param name="Status">Where they stand; null if they are those that are held.</param>
    /// <param name="Page">What is shown.</param>
    internal sealed record Model(PayoutStatus? Status, KeysetPage<Row> Page);

    /// <summary>Those that wait for a release.</summary>
    public const string HeldPath = $"{Path}?status={Held}";

    private const string Held = "held";

    public static async Task<IResult> ShowAsync(
        string? status,
        Keyset? after,
        HttpRequest request,
        ClickNBackDbContext db,
        CancellationToken cancel
    )
    {
        var byStatus = Choices.TryParse<PayoutStatus>(status ?? "", out var given) ? given : PayoutStatus.Requested;
        PayoutStatus? wanted = status == Held ? null : byStatus;
        var found = await Rows(db, In(db, wanted, after)).Take(KeysetPage<Row>.Size + 1).ToListAsync(cancel);
        return Page.Of<PayoutListPage>(
            new Model(wanted, KeysetPage<Row>.Of(found, it => new Keyset(it.RequestedAt, it.Id), request))
        );
    }

    /// <summary>Starts processing the payouts that were ticked; those that somebody else has decided meanwhile stay as they are.</summary>
    public static async Task<IResult> ProcessAsync(
        HttpContext http,
        Caller caller,
        PayoutProcessing processing,
        Flash flash,
        CancellationToken cancel
    )
    {
        var form = await http.Request.ReadFormAsync(cancel);
        var (done, refused) = (0, 0);
        foreach (var text in form["id"].Distinct(StringComparer.Ordinal).Take(KeysetPage<Row>.Size))
        {
            if (Ids.TryParse(text, out var id))
            {
                var (_, refusal) = await processing.ProcessAsync(
                    id,
                    new PayoutDecision(PayoutStep.Processing),
                    Actor.Of(caller),
                    cancel
                );
                _ = refusal is null ? done++ : refused++;
            }
        }

        if (done == 0)
        {
            flash.Failed(
                refused == 0
                    ? "No payout was selected. Tick the ones to process, then try again."
                    : "Somebody else has decided these payouts meanwhile, or they are held."
            );
        }
        else
        {
            flash.Succeeded(
                $"{done} {(done == 1 ? "payout is" : "payouts are")} processing."
                    + (refused > 0 ? $" {refused} had been decided by somebody else, or are held." : "")
            );
        }

        return TypedResults.LocalRedirect(Path);
    }

    /// <summary>The rows of payouts, with whose they are.</summary>
    public static IQueryable<Row> Rows(ClickNBackDbContext db, IQueryable<Payout> payouts) =>
        payouts.Select(it => new Row(
            it.Id,
            it.RequestedAt,
            db.Users.Where(user => user.Id == it.UserId).Select(user => user.Email).Single(),
            it.Method,
            it.Amount,
            it.ProcessedAt,
            it.ExternalReference,
            it.ExportId,
            it.HeldFor
        ));

    private static IQueryable<Payout> In(ClickNBackDbContext db, PayoutStatus? status, Keyset? after)
    {
        var payouts = db.Payouts.AsNoTracking();
        payouts = status is null
            ? payouts.Where(it =>
                it.HeldFor != null && (it.Status == PayoutStatus.Requested || it.Status == PayoutStatus.Processing)
            )
            : payouts.Where(it => it.Status == status);
        var isWaiting = status is null or PayoutStatus.Requested or PayoutStatus.Processing;
        if (after is var (at, id))
        {
            payouts = isWaiting
                ? payouts.Where(it =>
                    EF.Functions.GreaterThan(ValueTuple.Create(it.RequestedAt, it.Id), ValueTuple.Create(at, id))
                )
                : payouts.Where(it =>
                    EF.Functions.LessThan(ValueTuple.Create(it.RequestedAt, it.Id), ValueTuple.Create(at, id))
                );
        }

        return isWaiting
            ? payouts.OrderBy(it => it.RequestedAt).ThenBy(it => it.Id)
            : payouts.OrderByDescending(it => it.RequestedAt).ThenByDescending(it => it.Id);
    }
}
