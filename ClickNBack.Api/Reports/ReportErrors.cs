using ClickNBack.Api.Http;
using ClickNBack.Api.Merchants;
using ClickNBack.Api.Purchases;

namespace ClickNBack.Api.Reports;

/// <summary>What can go wrong with reports and cases.</summary>
internal static class ReportErrors
{
    public static readonly ErrorCode InvalidSignature = new(
        "INVALID_SIGNATURE",
        ErrorKind.Unauthenticated,
        "The message is not signed with a secret of this merchant, or its timestamp is more than five minutes off."
    );

    public static readonly ErrorCode<string> MessageIdReused = new(
        "MESSAGE_ID_REUSED",
        ErrorKind.Conflict,
        "Another message with this `webhook-id` was taken in.",
        id => ("Another message with this identifier was taken in.", new { WebhookId = id }),
        ReportExamples.MessageId
    );

    public static readonly ErrorCode<string> SecretNotFound = HttpErrors.NotFound(
        "webhook secret",
        ReportExamples.Secret.Id
    );

    public static readonly ErrorCode<Guid> TooManySecrets = new(
        "TOO_MANY_SECRETS",
        ErrorKind.Conflict,
        "The merchant has two secrets that hold; revoke the one that is not used any more first.",
        id => ($"The merchant has {WebhookSecret.MaxPerMerchant} secrets that hold.", new { MerchantId = id }),
        MerchantExamples.Shoply.Id
    );

    public static readonly ErrorCode<string> FileNotFound = HttpErrors.NotFound("report file", ReportExamples.File.Id);

    public static readonly ErrorCode<(Guid Id, int Wrong)> FileIsWrong = new(
        "REPORT_FILE_INVALID",
        ErrorKind.Refused,
        "Lines of the file are wrong; correct them and upload it again.",
        it => ($"{it.Wrong} lines of the file are wrong.", new { FileId = it.Id, it.Wrong }),
        (ReportExamples.File.Id, 3)
    );

    public static readonly ErrorCode<Guid> FileIsIncomplete = new(
        "REPORT_FILE_INCOMPLETE",
        ErrorKind.Conflict,
        "The file is still being read, its upload was interrupted, or what it says is not kept any more; upload it again.",
        id => ("The file is not there in full.", new { FileId = id }),
        ReportExamples.File.Id
    );

    public static readonly ErrorCode<string> CaseNotFound = HttpErrors.NotFound("case", ReportExamples.Open.Id);

    public static readonly ErrorCode<Guid> CaseDecided = new(
        "CASE_ALREADY_DECIDED",
        ErrorKind.Conflict,
        "The case was decided already.",
        id => ("The case was decided already.", new { CaseId = id }),
        ReportExamples.Open.Id
    );

    public static readonly ErrorCode<(Guid Id, CaseDecision Decision, PurchaseStatus? Status)> DecisionImpossible = new(
        "DECISION_NOT_POSSIBLE",
        ErrorKind.Refused,
        "Only a pending purchase can be confirmed or rejected, only a confirmed one reversed; a case can always be dismissed, and one about a user only that.",
        it =>
            (
                it.Status is { } status
                    ? $"A purchase that is {Json.Name(status)} cannot be decided so: {Json.Name(it.Decision)}."
                    : $"A case about a user can be dismissed, and nothing else: not {Json.Name(it.Decision)}.",
                new
                {
                    CaseId = it.Id,
                    it.Decision,
                    PurchaseStatus = it.Status,
                }
            ),
        (ReportExamples.Open.Id, CaseDecision.Confirm, PurchaseStatus.Rejected)
    );
}
