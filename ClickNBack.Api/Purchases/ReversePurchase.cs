using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace ClickNBack.Api.Purchases;

/// <summary>An administrator reverses a pending or confirmed purchase, and with it its cashback.</summary>
internal static class ReversePurchase
{
    public static Task<Results<Ok<PurchaseStatusResponse>, ApiError>> HandleAsync(
        string id,
        Caller caller,
        NpgsqlDataSource database,
        AuditLogger audit,
        VerificationSignal verification,
        TimeProvider time,
        CancellationToken cancel
    ) => ReverseAsync(id, reason: null, caller, database, audit, verification, time, cancel);

    /// <summary>The same with a reason, which the audit log keeps.</summary>
    public static async Task<Results<Ok<PurchaseStatusResponse>, ApiError>> ReverseAsync(
        string id,
        string? reason,
        Caller caller,
        NpgsqlDataSource database,
        AuditLogger audit,
        VerificationSignal verification,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        if (!Ids.TryParse(id, out var purchaseId))
        {
            return PurchaseErrors.NotFound.With(id);
        }

        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var now = time.GetUtcNow();
        if (
            await LockedPurchases.LockForDecisionAsync(transaction, purchaseId, now, cancel)
            is not var (purchase, wallet)
        )
        {
            return PurchaseErrors.NotFound.With(id);
        }

        if (purchase.Status is not (PurchaseStatus.Pending or PurchaseStatus.Confirmed))
        {
            return PurchaseErrors.AlreadyReversed.With((purchase.Id, purchase.Status));
        }

        var resolution = new PurchaseResolution(now);
        resolution.Reverse(purchase, wallet, Actor.Of(caller), reason);
        await resolution.SaveAsync(transaction, cancel);
        await transaction.CommitAsync(cancel);
        audit.Log(resolution.AuditLogs);
        verification.Wake();
        return TypedResults.Ok(PurchaseStatusResponse.Of(purchase));
    }
}
