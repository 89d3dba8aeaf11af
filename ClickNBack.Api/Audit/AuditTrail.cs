using System.Text.Json;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Npgsql;

namespace ClickNBack.Api.Audit;

/// <summary>The names of audited actions (contract 3.5).</summary>
internal static class AuditActions
{
    /// <summary>Cashback of a new purchase entered the wallet as pending.</summary>
    public const string CashbackCredited = "CASHBACK_CREDITED";

    /// <summary>A purchase was confirmed, by the job or an administrator.</summary>
    public const string PurchaseConfirmed = "PURCHASE_CONFIRMED";

    /// <summary>A purchase was not verified.</summary>
    public const string PurchaseRejected = "PURCHASE_REJECTED";

    public const string PurchaseReversed = "PURCHASE_REVERSED";

    public const string WithdrawalRequested = "WITHDRAWAL_REQUESTED";

    /// <summary>A payout changed its status.</summary>
    public const string WithdrawalProcessed = "WITHDRAWAL_PROCESSED";

    /// <summary>A restore held a payout that may have been paid since.</summary>
    public const string WithdrawalHeld = "WITHDRAWAL_HELD";

    /// <summary>An administrator let a held payout go on.</summary>
    public const string WithdrawalReleased = "WITHDRAWAL_RELEASED";

    /// <summary>The migration worker corrected a wallet that was not the sum of its ledger entries.</summary>
    public const string WalletRebuilt = "WALLET_REBUILT";

    /// <summary>A merchant was made or its status set.</summary>
    public const string MerchantActivated = "MERCHANT_ACTIVATED";

    public const string MerchantDeactivated = "MERCHANT_DEACTIVATED";

    /// <summary>An offer was made or switched on.</summary>
    public const string OfferActivated = "OFFER_ACTIVATED";

    public const string OfferDeactivated = "OFFER_DEACTIVATED";

    /// <summary>A merchant got a secret for its reports.</summary>
    public const string WebhookSecretCreated = "WEBHOOK_SECRET_CREATED";

    /// <summary>A secret for a merchant's reports was revoked.</summary>
    public const string WebhookSecretRevoked = "WEBHOOK_SECRET_REVOKED";

    /// <summary>An administrator decided what reports and claims could not.</summary>
    public const string CaseDecided = "CASE_DECIDED";

    /// <summary>An administrator confirmed a merchant's report that was uploaded as a file.</summary>
    public const string ReportFileConfirmed = "REPORT_FILE_CONFIRMED";

    /// <summary>A spent refresh token came back: its family was revoked.</summary>
    public const string RefreshTokenReused = "REFRESH_TOKEN_REUSED";

    /// <summary>An administrator looked where a payout goes.</summary>
    public const string PayoutDestinationRead = "PAYOUT_DESTINATION_READ";

    /// <summary>Payouts were put into a batch for the bank.</summary>
    public const string PayoutsExported = "PAYOUTS_EXPORTED";

    /// <summary>An administrator fetched the file of a batch, which says where payouts go.</summary>
    public const string PayoutExportRead = "PAYOUT_EXPORT_READ";

    /// <summary>An account was erased, by its user or an administrator.</summary>
    public const string AccountErased = "ACCOUNT_ERASED";

    /// <summary>An administrator locked an account: whoever has it can do nothing.</summary>
    public const string AccountDeactivated = "ACCOUNT_DEACTIVATED";

    /// <summary>An administrator let an account be used again.</summary>
    public const string AccountReactivated = "ACCOUNT_REACTIVATED";

    /// <summary>An administrator ended all sessions of an account.</summary>
    public const string SessionsEnded = "SESSIONS_ENDED";

    /// <summary>A user took a new password.</summary>
    public const string PasswordChanged = "PASSWORD_CHANGED";

    /// <summary>A record of a feature flag was made or changed.</summary>
    public const string FeatureFlagSet = "FEATURE_FLAG_SET";

    /// <summary>A record of a feature flag was deleted.</summary>
    public const string FeatureFlagDeleted = "FEATURE_FLAG_DELETED";
}

/// <summary>Who acts: an account, or the platform itself.</summary>
/// <param name="Type">The kind.</param>
/// <param name="Id">The account; null for the platform.</param>
internal sealed record Actor(ActorType Type, Guid? Id)
{
    /// <summary>The platform itself.</summary>
    public static readonly Actor System = new(ActorType.System, null);

    /// <summary>The caller of a request.</summary>
    public static Actor Of(Caller caller) =>
        new(caller.Role == Role.Admin ? ActorType.Admin : ActorType.User, caller.Id);
}

/// <summary>Adds audit rows to the unit of work: they commit with what they tell of, or not at all.</summary>
internal sealed class AuditTrail(ClickNBackDbContext db, TimeProvider time)
{
    /// <summary>Records an action.</summary>
    /// <param name="actor">Who acts.</param>
    /// <param name="action">One of <see cref="AuditActions"/>.</param>
    /// <param name="resourceType">To what kind of thing.</param>
    /// <param name="resourceId">To which thing.</param>
    /// <param name="details">What else matters; never a secret or personal data.</param>
    public AuditLog Record(Actor actor, string action, string resourceType, Guid resourceId, object? details = null)
    {
        var log = Row(time.GetUtcNow(), actor, action, resourceType, resourceId, details);
        db.AuditLogs.Add(log);
        return log;
    }

    /// <summary>The row of an action, to be written by <see cref="Insert"/>.</summary>
    public static AuditLog Row(
        DateTimeOffset now,
        Actor actor,
        string action,
        string resourceType,
        Guid resourceId,
        object? details = null
    ) =>
        new()
        {
            Id = Guid.CreateVersion7(now),
            OccurredAt = now,
            ActorType = actor.Type,
            ActorId = actor.Id,
            Action = action,
            ResourceType = resourceType,
            ResourceId = resourceId,
            Details = details is null ? null : JsonSerializer.Serialize(details, Json.Options),
        };

    /// <summary>The statement that writes rows of actions that were done.</summary>
    public static NpgsqlBatchCommand Insert(List<AuditLog> logs)
    {
        var command = new NpgsqlBatchCommand(
            """
            INSERT INTO audit_logs (id, occurred_at, actor_type, actor_id, action, resource_type, resource_id, outcome, details)
            SELECT id, at, actor_type, actor_id, action, type, resource_id, 'success', details::jsonb
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) AS log (id, at, actor_type, actor_id, action, type, resource_id, details)
            """
        );
        command
            .Parameters.AddColumn(logs, it => it.Id)
            .AddColumn(logs, it => it.OccurredAt)
            .AddColumn(logs, it => Json.Name(it.ActorType))
            .AddColumn(logs, it => it.ActorId)
            .AddColumn(logs, it => it.Action)
            .AddColumn(logs, it => it.ResourceType)
            .AddColumn(logs, it => it.ResourceId)
            .AddColumn(logs, it => it.Details);
        return command;
    }
}
