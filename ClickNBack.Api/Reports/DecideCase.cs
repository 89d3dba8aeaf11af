using System.ComponentModel.DataAnnotations;
using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Purchases;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace ClickNBack.Api.Reports;

/// <summary>An administrator decides an open case, once and for all.</summary>
internal static class DecideCase
{
    internal sealed record Request
    {
        public required CaseDecision Decision { get; init; }

        [StringLength(Case.MaxNoteLength, MinimumLength = 1), Required(ErrorMessage = "must not be blank")]
        public required string Note { get; init; }
    }

    private const string FindPurchase = "SELECT purchase_id FROM cases WHERE id = $1";

    private const string Close = """
        UPDATE cases SET decided_at = $2, decided_by = $3, decision = $4, note = $5 WHERE id = $1 AND decided_at IS NULL
        """;

    // While the case was open nobody looked.
    private const string LookAgain = """
        UPDATE purchases SET next_verification_at = $2 WHERE id = $1 AND status = 'pending'
        """;

    public static async Task<Results<Ok<DecidedCaseResponse>, ApiError>> HandleAsync(
        string id,
        Body<Request> body,
        Caller caller,
        NpgsqlDataSource database,
        AuditLogger audit,
        VerificationSignal verification,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        if (!Ids.TryParse(id, out var caseId))
        {
            return ReportErrors.CaseNotFound.With(id);
        }

        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await using var find = new NpgsqlCommand(FindPurchase, connection, transaction);
        find.Parameters.AddValue(caseId);
        var found = await find.ExecuteScalarAsync(cancel);
        if (found is null)
        {
            return ReportErrors.CaseNotFound.With(id);
        }

        var now = time.GetUtcNow();
        var purchaseId = found as Guid?; // else it is about a user
        var locked = purchaseId is { } inQuestion
            ? await LockedPurchases.LockForDecisionAsync(transaction, inQuestion, now, cancel)
            : null;
        var (decision, note) = (body.Value.Decision, body.Value.Note);
        if (locked is null && decision != CaseDecision.Dismiss)
        {
            return ReportErrors.DecisionImpossible.With((caseId, decision, null));
        }

        await using var close = new NpgsqlBatch(connection, transaction);
        close.Add(
            Close,
            it => it.AddValue(caseId).AddValue(now).AddValue(caller.Id).AddValue(Json.Name(decision)).AddValue(note)
        );
        if (await close.ExecuteNonQueryAsync(cancel) == 0)
        {
            return ReportErrors.CaseDecided.With(caseId);
        }

        var resolution = new PurchaseResolution(now);
        switch (decision, locked)
        {
            case (CaseDecision.Confirm, ({ Status: PurchaseStatus.Pending } purchase, var wallet)):
                resolution.Confirm(purchase, wallet, Actor.Of(caller));
                break;
            case (CaseDecision.Reject, ({ Status: PurchaseStatus.Pending } purchase, _)):
                resolution.Reject(purchase, Actor.Of(caller), note);
                break;
            case (CaseDecision.Reverse, ({ Status: PurchaseStatus.Confirmed } purchase, var wallet)):
                resolution.Reverse(purchase, wallet, Actor.Of(caller), note);
                break;
            case (CaseDecision.Dismiss, _):
                break;
            default:
                return ReportErrors.DecisionImpossible.With((caseId, decision, locked?.Purchase.Status));
        }

        var decided = AuditTrail.Row(
            now,
            Actor.Of(caller),
            AuditActions.CaseDecided,
            "case",
            caseId,
            purchaseId is null ? new { decision } : new { decision, purchase_id = purchaseId }
        );
        await resolution.SaveAsync(transaction, cancel);
        await using var rest = new NpgsqlBatch(connection, transaction);
        rest.BatchCommands.Add(AuditTrail.Insert([decided]));
        rest.Add(LookAgain, it => it.AddValue(purchaseId).AddValue(now));

        await rest.ExecuteNonQueryAsync(cancel);
        await transaction.CommitAsync(cancel);
        audit.Log([decided, .. resolution.AuditLogs]);
        verification.Wake();
        return TypedResults.Ok(new DecidedCaseResponse(caseId, decision, locked?.Purchase.Status));
    }
}
