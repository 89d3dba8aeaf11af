using System.Text.Json.Serialization;
using ClickNBack.Api.Http;
using ClickNBack.Api.Money;
using ClickNBack.Api.Purchases;

namespace ClickNBack.Api.Reports;

/// <summary>A report that was taken in.</summary>
/// <param name="Id">Its identifier here.</param>
/// <param name="Transactions">How many transactions it has.</param>
internal sealed record ReportResponse(Guid Id, int Transactions);

/// <summary>A new secret, shown this once.</summary>
/// <param name="Id">The identifier.</param>
/// <param name="Secret"><c>whsec_</c> and base64.</param>
/// <param name="CreatedAt">When it was made, UTC.</param>
internal sealed record NewWebhookSecretResponse(Guid Id, string Secret, DateTimeOffset CreatedAt);

/// <summary>A secret, without what is secret.</summary>
/// <param name="Id">The identifier.</param>
/// <param name="CreatedAt">When it was made, UTC.</param>
/// <param name="RevokedAt">Since when it does not hold any more, UTC; null while it does.</param>
internal sealed record WebhookSecretResponse(Guid Id, DateTimeOffset CreatedAt, DateTimeOffset? RevokedAt);

/// <summary>A purchase or a user that an administrator has to look at, or has.</summary>
/// <param name="Id">The identifier.</param>
/// <param name="Kind">Why it was opened.</param>
/// <param name="PurchaseId">The purchase; null if it is about a user.</param>
/// <param name="UserId">The user whom a limit has refused something; null if it is about a purchase.</param>
/// <param name="Day">On which day, UTC.</param>
/// <param name="OpenedAt">When, UTC.</param>
/// <param name="DecidedAt">When it was decided, UTC; null while it is open, as are those below.</param>
/// <param name="DecidedBy">The administrator.</param>
/// <param name="Decision">What was decided.</param>
/// <param name="Note">Why.</param>
internal sealed record CaseResponse(
    Guid Id,
    CaseKind Kind,
    Guid? PurchaseId,
    Guid? UserId,
    DateOnly? Day,
    DateTimeOffset OpenedAt,
    DateTimeOffset? DecidedAt,
    Guid? DecidedBy,
    CaseDecision? Decision,
    string? Note
);

/// <summary>A case with all sides.</summary>
/// <param name="Id">The identifier.</param>
/// <param name="Kind">Why it was opened.</param>
/// <param name="OpenedAt">When, UTC.</param>
/// <param name="DecidedAt">When it was decided, UTC; null while it is open, as are the next three.</param>
/// <param name="DecidedBy">The administrator.</param>
/// <param name="Decision">What was decided.</param>
/// <param name="Note">Why.</param>
/// <param name="UserId">The user whom a limit has refused something; null if it is about a purchase.</param>
/// <param name="Day">On which day, UTC.</param>
/// <param name="Claimed">What the user claims; null if it is about a user.</param>
/// <param name="OtherClaims">Who claims the same order too, and was refused, in the order of time.</param>
/// <param name="Reported">What the merchant has reported of the order, in the order of arrival.</param>
/// <param name="ExcessClaims">The first hundred claims that a limit of the day has refused, in the order of time; null if it is about a purchase.</param>
internal sealed record CaseDetailResponse(
    Guid Id,
    CaseKind Kind,
    DateTimeOffset OpenedAt,
    DateTimeOffset? DecidedAt,
    Guid? DecidedBy,
    CaseDecision? Decision,
    string? Note,
    Guid? UserId,
    DateOnly? Day,
    ClaimResponse? Claimed,
    IReadOnlyList<OtherClaimResponse> OtherClaims,
    IReadOnlyList<ReportedTransactionResponse> Reported,
    IReadOnlyList<ExcessClaimResponse>? ExcessClaims
);

/// <summary>What a user claims.</summary>
/// <param name="PurchaseId">The purchase.</param>
/// <param name="ExternalId">The order.</param>
/// <param name="UserId">Who claims it.</param>
/// <param name="MerchantId">Where.</param>
/// <param name="Amount">EUR.</param>
/// <param name="Currency">Always EUR.</param>
/// <param name="CashbackAmount">What it was promised to earn, EUR.</param>
/// <param name="Status">Where the purchase stands.</param>
/// <param name="CreatedAt">When it was claimed, UTC.</param>
internal sealed record ClaimResponse(
    Guid PurchaseId,
    string ExternalId,
    Guid UserId,
    Guid MerchantId,
    [property: JsonConverter(typeof(MoneyText))] decimal Amount,
    string Currency,
    [property: JsonConverter(typeof(MoneyText))] decimal CashbackAmount,
    PurchaseStatus Status,
    DateTimeOffset CreatedAt
);

/// <summary>A refused claim of an order that is recorded already.</summary>
/// <param name="UserId">Whose.</param>
/// <param name="Amount">EUR.</param>
/// <param name="ClaimedAt">When, UTC.</param>
internal sealed record OtherClaimResponse(
    Guid UserId,
    [property: JsonConverter(typeof(MoneyText))] decimal Amount,
    DateTimeOffset ClaimedAt
);

/// <summary>A claim that a limit of the day has refused.</summary>
/// <param name="ExternalId">The order.</param>
/// <param name="MerchantId">Where.</param>
/// <param name="Amount">EUR.</param>
/// <param name="ClaimedAt">When, UTC.</param>
internal sealed record ExcessClaimResponse(
    string ExternalId,
    Guid MerchantId,
    [property: JsonConverter(typeof(MoneyText))] decimal Amount,
    DateTimeOffset ClaimedAt
);

/// <summary>What a merchant has reported of an order.</summary>
/// <param name="Id">The identifier.</param>
/// <param name="Amount">In its currency.</param>
/// <param name="Currency">Three letters.</param>
/// <param name="Status">What the merchant says.</param>
/// <param name="ReportedAt">When it happened, UTC.</param>
/// <param name="Reason">Why, in the merchant's words.</param>
/// <param name="State">What became of it.</param>
internal sealed record ReportedTransactionResponse(
    Guid Id,
    [property: JsonConverter(typeof(MoneyText))] decimal Amount,
    string Currency,
    TransactionStatus Status,
    DateTimeOffset ReportedAt,
    string? Reason,
    MatchState State
);

/// <summary>What was decided.</summary>
/// <param name="Id">The case.</param>
/// <param name="Decision">The decision.</param>
/// <param name="PurchaseStatus">Where the purchase stands now; null if the case is about a user.</param>
internal sealed record DecidedCaseResponse(Guid Id, CaseDecision Decision, PurchaseStatus? PurchaseStatus);

/// <summary>What a merchant sent.</summary>
/// <param name="Id">Its identifier here.</param>
/// <param name="MerchantId">Whose.</param>
/// <param name="MessageId">The sender's identifier; of a file, what it holds as SHA-256.</param>
/// <param name="ReceivedAt">When it was taken in, UTC.</param>
/// <param name="Transactions">How many transactions it has.</param>
internal sealed record ReceivedReportResponse(
    Guid Id,
    Guid MerchantId,
    string MessageId,
    DateTimeOffset ReceivedAt,
    int Transactions
);

/// <summary>A transaction of an order that nobody has claimed.</summary>
/// <param name="Id">The identifier.</param>
/// <param name="ReportId">The report it came with.</param>
/// <param name="MerchantId">Whose order.</param>
/// <param name="OrderReference">The order.</param>
/// <param name="Amount">In its currency.</param>
/// <param name="Currency">Three letters.</param>
/// <param name="Status">What the merchant says.</param>
/// <param name="ReportedAt">When it happened, UTC.</param>
/// <param name="Reason">Why, in the merchant's words.</param>
internal sealed record UnclaimedTransactionResponse(
    Guid Id,
    Guid ReportId,
    Guid MerchantId,
    string OrderReference,
    [property: JsonConverter(typeof(MoneyText))] decimal Amount,
    string Currency,
    TransactionStatus Status,
    DateTimeOffset ReportedAt,
    string? Reason
);

/// <summary>A report as a file.</summary>
/// <param name="Id">The identifier.</param>
/// <param name="MerchantId">Whose.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Rows">How many transactions were read so far.</param>
/// <param name="Wrong">How many lines are wrong; if there are any, it cannot be confirmed.</param>
/// <param name="UploadedBy">The administrator.</param>
/// <param name="UploadedAt">When, UTC.</param>
/// <param name="ReadAt">When all of it had been read, UTC; null before.</param>
/// <param name="ConfirmedBy">The administrator; null before, like the next two.</param>
/// <param name="ConfirmedAt">When, UTC.</param>
/// <param name="ReportId">The report it became, or which the same file had become before.</param>
internal sealed record ReportFileResponse(
    Guid Id,
    Guid MerchantId,
    string Name,
    int Rows,
    int Wrong,
    Guid UploadedBy,
    DateTimeOffset UploadedAt,
    DateTimeOffset? ReadAt,
    Guid? ConfirmedBy,
    DateTimeOffset? ConfirmedAt,
    Guid? ReportId
)
{
    public static ReportFileResponse Of(ReportFile file) =>
        new(
            file.Id,
            file.MerchantId,
            file.Name,
            file.RowCount,
            file.WrongCount,
            file.UploadedBy,
            file.UploadedAt,
            file.ReadAt,
            file.ConfirmedBy,
            file.ConfirmedAt,
            file.ReportId
        );
}

/// <summary>A transaction in a file.</summary>
/// <param name="Line">The line on which it begins; the first is 1.</param>
/// <param name="OrderReference">The order.</param>
/// <param name="Amount">In its currency.</param>
/// <param name="Currency">Three letters.</param>
/// <param name="Status">What the merchant says.</param>
/// <param name="ReportedAt">When it happened, UTC.</param>
/// <param name="Reason">Why, in the merchant's words.</param>
internal sealed record ReportFileRowResponse(
    int Line,
    string OrderReference,
    [property: JsonConverter(typeof(MoneyText))] decimal Amount,
    string Currency,
    TransactionStatus Status,
    DateTimeOffset ReportedAt,
    string? Reason
);

/// <summary>What a file says in all.</summary>
/// <param name="Status">What the merchant says.</param>
/// <param name="Currency">Three letters.</param>
/// <param name="Count">Of how many orders.</param>
/// <param name="Amount">In its currency.</param>
internal sealed record ReportFileTotal(
    TransactionStatus Status,
    string Currency,
    long Count,
    [property: JsonConverter(typeof(MoneyText))] decimal Amount
);

/// <summary>A wrong line of a file.</summary>
/// <param name="Line">The line on which the row begins; the first is 1.</param>
/// <param name="Violations">Each wrong column.</param>
internal sealed record ReportFileErrorResponse(int Line, IReadOnlyList<Violation> Violations);

/// <summary>Wrong lines of a file.</summary>
/// <param name="Data">At most a hundred.</param>
/// <param name="Next">The line after which to go on; null if there are no more.</param>
internal sealed record ReportFileErrorsResponse(IReadOnlyList<ReportFileErrorResponse> Data, int? Next);

/// <summary>What a file says, before it is confirmed.</summary>
/// <param name="File">The file.</param>
/// <param name="Rows">Its first transactions.</param>
/// <param name="Totals">By status and currency.</param>
/// <param name="Errors">Its first wrong lines.</param>
internal sealed record ReportFilePreviewResponse(
    ReportFileResponse File,
    IReadOnlyList<ReportFileRowResponse> Rows,
    IReadOnlyList<ReportFileTotal> Totals,
    IReadOnlyList<ReportFileErrorResponse> Errors
)
{
    public static ReportFilePreviewResponse Of(ReportFilePreview preview) =>
        new(
            ReportFileResponse.Of(preview.File),
            [
                .. preview.Rows.Select(it => new ReportFileRowResponse(
                    it.Line,
                    it.OrderReference,
                    it.Amount,
                    it.Currency,
                    it.Status,
                    it.ReportedAt,
                    it.Reason
                )),
            ],
            preview.Totals,
            preview.Errors
        );
}
