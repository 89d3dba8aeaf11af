using System.ComponentModel.DataAnnotations;
using ClickNBack.Api.Audit;
using ClickNBack.Api.Payouts;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Console;

/// <summary>One payout: what became of it, and what can be decided.</summary>
internal static class PayoutDetail
{
    internal sealed record Model(
        Payout Payout,
        string Email,
        IReadOnlyList<AuditLog> Trail,
        IReadOnlyList<(string Name, string Value)>? Destination = null,
        string? Problem = null
    );

    internal sealed record PaidRequest
    {
        /// <summary>By which the bank's statement names it.</summary>
        [StringLength(Payout.MaxReferenceLength), Required(ErrorMessage = "must not be blank")]
        public required string Reference { get; init; }
    }

    internal sealed record FailedRequest
    {
        [StringLength(500), Required(ErrorMessage = "must not be blank")]
        public required string Reason { get; init; }
    }

    public static async Task<IResult> ShowAsync(
        Guid id,
        ClickNBackDbContext db,
        AuditSearch audit,
        CancellationToken cancel
    ) =>
        await FindAsync(id, db, audit, cancel) is { } model
            ? Page.Of<PayoutPage>(model)
            : PayoutErrors.NotFound.With($"{id}");

    /// <summary>Shows where it goes, once: the look is audited, and no address leads to it.</summary>
    public static async Task<IResult> ShowDestinationAsync(
        Guid id,
        Caller caller,
        PayoutDestinations destinations,
        ClickNBackDbContext db,
        AuditSearch audit,
        CancellationToken cancel
    )
    {
        var (found, refusal) = await destinations.ReadAsync(id, Actor.Of(caller), cancel);
        if (await FindAsync(id, db, audit, cancel) is not { } model)
        {
            return PayoutErrors.NotFound.With($"{id}");
        }

        return refusal is null
            ? Page.Of<PayoutPage>(
                model with
                {
                    Destination =
                    [
                        .. found!
                            .Details.EnumerateObject()
                            .Select(it => (it.Name == "iban" ? "IBAN" : Words.Of(it.Name), it.Value.GetString()!)),
                    ],
                }
            )
            : Page.Of<PayoutPage>(model with { Problem = refusal.Message }, refusal.Code.Kind);
    }

    public static Task<IResult> ProcessAsync(
        Guid id,
        Caller caller,
        PayoutProcessing processing,
        Flash flash,
        CancellationToken cancel
    ) =>
        DecideAsync(
            id,
            new PayoutDecision(PayoutStep.Processing),
            "The payout is processing.",
            caller,
            processing,
            flash,
            cancel
        );

    public static Task<IResult> PayAsync(
        Guid id,
        Form<PaidRequest> form,
        Caller caller,
        PayoutProcessing processing,
        Flash flash,
        CancellationToken cancel
    ) =>
        DecideAsync(
            id,
            form.Violations.Count > 0
                ? null
                : new PayoutDecision(PayoutStep.Completed, Reference: form.Value.Reference.Trim()),
            "The payout is paid.",
            caller,
            processing,
            flash,
            cancel
        );

    public static Task<IResult> FailAsync(
        Guid id,
        Form<FailedRequest> form,
        Caller caller,
        PayoutProcessing processing,
        Flash flash,
        CancellationToken cancel
    ) =>
        DecideAsync(
            id,
            form.Violations.Count > 0 ? null : new PayoutDecision(PayoutStep.Failed, Reason: form.Value.Reason.Trim()),
            "The payout has failed. The money is available to the user again.",
            caller,
            processing,
            flash,
            cancel
        );

    public static async Task<IResult> ReleaseAsync(
        Guid id,
        Caller caller,
        PayoutProcessing processing,
        Flash flash,
        CancellationToken cancel
    )
    {
        var (_, refusal) = await processing.ReleaseAsync(id, Actor.Of(caller), cancel);
        return flash.Then(refusal?.Message, "The payout is released: it can be paid.", $"{PayoutList.Path}/{id}");
    }

    private static async Task<IResult> DecideAsync(
        Guid id,
        PayoutDecision? decision,
        string done,
        Caller caller,
        PayoutProcessing processing,
        Flash flash,
        CancellationToken cancel
    )
    {
        var page = $"{PayoutList.Path}/{id}";
        if (decision is null)
        {
            return flash.Then(
                "Nothing was changed: fill in the field, at most 140 characters for a reference, 500 for a reason.",
                done,
                page
            );
        }

        var (_, refusal) = await processing.ProcessAsync(id, decision, Actor.Of(caller), cancel);
        return flash.Then(refusal?.Message, done, page);
    }

    private static async Task<Model?> FindAsync(
        Guid id,
        ClickNBackDbContext db,
        AuditSearch audit,
        CancellationToken cancel
    )
    {
        if (await db.Payouts.AsNoTracking().FirstOrDefaultAsync(it => it.Id == id, cancel) is not { } payout)
        {
            return null;
        }

        var email = await db.Users.Where(it => it.Id == payout.UserId).Select(it => it.Email).SingleAsync(cancel);
        var trail = await audit.FindAsync(new AuditFilter { ResourceId = id }, null, KeysetPage<AuditLog>.Size, cancel);
        return new Model(payout, email, trail);
    }
}
