using ClickNBack.Api.Http;
using ClickNBack.Api.Money;
using ClickNBack.Api.Users;

namespace ClickNBack.Api.Purchases;

internal static class PurchaseErrors
{
    public static readonly ErrorCode<string> NotFound = HttpErrors.NotFound("purchase", PurchaseExamples.Recorded.Id);

    public static readonly ErrorCode<(Guid Id, Guid Owner, Guid Caller)> SomebodyElses = new(
        "FORBIDDEN",
        ErrorKind.Forbidden,
        "The purchase is somebody else's.",
        it =>
            (
                "This purchase is somebody else's.",
                new
                {
                    PurchaseId = it.Id,
                    ResourceOwner = it.Owner,
                    CurrentUser = it.Caller,
                }
            ),
        (PurchaseExamples.Recorded.Id, UserExamples.Alice.Id, UserExamples.Administrator)
    );

    public static readonly ErrorCode ForSomebodyElse = new(
        "FORBIDDEN",
        ErrorKind.Forbidden,
        "The `user_id` is somebody else's; purchases are recorded by who made them."
    );

    /// <summary>Knows the recorded purchase only if it is the caller's.</summary>
    public static readonly ErrorCode<(string ExternalId, DateTimeOffset? CreatedAt, decimal? Amount)> Duplicate = new(
        "DUPLICATE_PURCHASE",
        ErrorKind.Conflict,
        "A purchase with this `external_id` is recorded; only its owner learns when and how much.",
        it =>
            (
                "A purchase with this external_id is already recorded.",
                it is { CreatedAt: { } createdAt, Amount: { } amount }
                    ? (object)
                        new
                        {
                            it.ExternalId,
                            PreviouslyCreatedAt = createdAt,
                            PreviouslyProcessedAmount = Euro.Text(amount),
                            Action = LookItUp,
                        }
                    : new { it.ExternalId, Action = LookItUp }
            ),
        (PurchaseExamples.Anybodys.ExternalId, PurchaseExamples.Mine.CreatedAt, PurchaseExamples.Mine.Amount)
    );

    public static readonly ErrorCode<string> UnsupportedCurrency = new(
        "UNSUPPORTED_CURRENCY",
        ErrorKind.Invalid,
        "The currency is not EUR.",
        currency => ("Only EUR is supported.", new { Currency = currency }),
        "USD"
    );

    public static readonly ErrorCode<(ClaimLimit Limit, ClaimOptions Limits)> DailyLimit = new(
        "DAILY_CLAIM_LIMIT",
        ErrorKind.Invalid,
        "The purchase would be one too many of this day (UTC), or too much with the others; an administrator sees it.",
        it =>
            (
                "The day's limit is reached.",
                new
                {
                    Violations = new[]
                    {
                        it.Limit == ClaimLimit.TooManyClaims
                            ? $"At most {it.Limits.MaxPerDay} purchases can be claimed a day."
                            : $"Purchases of at most {Euro.Text(it.Limits.MaxAmountPerDay)} EUR can be claimed a day.",
                    },
                    Action = "Claim it tomorrow (UTC).",
                }
            ),
        (ClaimLimit.TooManyClaims, new ClaimOptions())
    );

    public static readonly ErrorCode InvalidStatus = new(
        "INVALID_PURCHASE_STATUS",
        ErrorKind.Invalid,
        "The `status` filter is no status of a purchase."
    );

    public static readonly ErrorCode<(Guid Id, PurchaseStatus Status)> NotPending = new(
        "PURCHASE_NOT_PENDING",
        ErrorKind.Refused,
        "Only a pending purchase can be confirmed.",
        it =>
            (
                $"Purchase {it.Id} is {Json.Name(it.Status)}, not pending.",
                new
                {
                    Violations = new[]
                    {
                        new
                        {
                            PurchaseId = it.Id,
                            CurrentStatus = it.Status,
                            RequiredStatus = PurchaseStatus.Pending,
                        },
                    },
                }
            ),
        (PurchaseExamples.Recorded.Id, PurchaseStatus.Confirmed)
    );

    public static readonly ErrorCode<(Guid Id, PurchaseStatus Status)> AlreadyReversed = new(
        "PURCHASE_ALREADY_REVERSED",
        ErrorKind.Refused,
        "Only a pending or confirmed purchase can be reversed.",
        it =>
            (
                $"Purchase {it.Id} is {Json.Name(it.Status)}: only pending and confirmed purchases can be reversed.",
                new
                {
                    Violations = new[]
                    {
                        new
                        {
                            PurchaseId = it.Id,
                            CurrentStatus = it.Status,
                            ReversibleFromStatuses = new[] { PurchaseStatus.Pending, PurchaseStatus.Confirmed },
                        },
                    },
                }
            ),
        (PurchaseExamples.Recorded.Id, PurchaseStatus.Reversed)
    );

    private const string LookItUp = "Look the purchase up among yours; it is not recorded twice.";
}
