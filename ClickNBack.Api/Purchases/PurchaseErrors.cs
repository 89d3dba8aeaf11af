using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Ledger;
using ClickNBack.Api.Users;

namespace ClickNBack.Api.Purchases;

/// <summary>What can go wrong with purchases.</summary>
public static class PurchaseErrors
{
    private const string LookItUp = "Look the purchase up among yours; it is not recorded twice.";

    /// <summary>No such purchase.</summary>
    public static readonly ErrorCode NotFound = new("NOT_FOUND", ErrorKind.NotFound, "There is no such purchase.")
    {
        DetailsExample = new { resource_type = "purchase", resource_id = PurchaseExamples.Recorded.Id },
    };

    /// <summary>Only its owner sees a purchase.</summary>
    public static readonly ErrorCode SomebodyElses = new(
        "FORBIDDEN",
        ErrorKind.Forbidden,
        "The purchase is somebody else's."
    )
    {
        DetailsExample = new
        {
            purchase_id = PurchaseExamples.Recorded.Id,
            resource_owner = UserExamples.Alice.Id,
            current_user = UserExamples.Administrator,
        },
    };

    /// <summary>Nobody records a purchase for somebody else.</summary>
    public static readonly ErrorCode ForSomebodyElse = new(
        "FORBIDDEN",
        ErrorKind.Forbidden,
        "The `user_id` is somebody else's; purchases are recorded by who made them."
    );

    /// <summary>The external id is recorded.</summary>
    public static readonly ErrorCode Duplicate = new(
        "DUPLICATE_PURCHASE",
        ErrorKind.Conflict,
        "A purchase with this `external_id` is recorded; only its owner learns when and how much."
    )
    {
        DetailsExample = new
        {
            external_id = PurchaseExamples.Anybodys.ExternalId,
            previously_created_at = PurchaseExamples.Mine.CreatedAt,
            previously_processed_amount = Money.Text(PurchaseExamples.Mine.Amount),
            action = LookItUp,
        },
    };

    /// <summary>Not EUR.</summary>
    public static readonly ErrorCode UnsupportedCurrency = new(
        "UNSUPPORTED_CURRENCY",
        ErrorKind.Invalid,
        "The currency is not EUR."
    )
    {
        DetailsExample = new { currency = "USD" },
    };

    /// <summary>No such status.</summary>
    public static readonly ErrorCode InvalidStatus = new(
        "INVALID_PURCHASE_STATUS",
        ErrorKind.Invalid,
        "The `status` filter is no status of a purchase."
    );

    /// <summary>Only pending purchases can be confirmed.</summary>
    public static readonly ErrorCode NotPending = new(
        "PURCHASE_NOT_PENDING",
        ErrorKind.Refused,
        "Only a pending purchase can be confirmed."
    )
    {
        DetailsExample = new
        {
            violations = new[]
            {
                new
                {
                    purchase_id = PurchaseExamples.Recorded.Id,
                    current_status = PurchaseStatus.Confirmed,
                    required_status = PurchaseStatus.Pending,
                },
            },
        },
    };

    /// <summary>Only pending and confirmed purchases can be reversed.</summary>
    public static readonly ErrorCode AlreadyReversed = new(
        "PURCHASE_ALREADY_REVERSED",
        ErrorKind.Refused,
        "Only a pending or confirmed purchase can be reversed."
    )
    {
        DetailsExample = new
        {
            violations = new[]
            {
                new
                {
                    purchase_id = PurchaseExamples.Recorded.Id,
                    current_status = PurchaseStatus.Reversed,
                    reversible_from_statuses = new[] { PurchaseStatus.Pending, PurchaseStatus.Confirmed },
                },
            },
        },
    };

    internal static ApiError Unknown(string id) =>
        NotFound.With($"There is no purchase {id}.", new { resource_type = "purchase", resource_id = id });

    internal static ApiError AlreadyRecorded(string externalId, Purchase? recorded, Caller caller)
    {
        const string message = "A purchase with this external_id is already recorded.";
        return recorded?.UserId == caller.Id
            ? Duplicate.With(
                message,
                new
                {
                    external_id = externalId,
                    previously_created_at = recorded.CreatedAt,
                    previously_processed_amount = Money.Text(recorded.Amount),
                    action = LookItUp,
                }
            )
            : Duplicate.With(message, new { external_id = externalId, action = LookItUp });
    }

    internal static ApiError NoSuchStatus(string status) =>
        InvalidStatus.With($"'{status}' is no status of a purchase.");

    internal static ApiError CannotConfirm(Guid id, PurchaseStatus current) =>
        NotPending.With(
            $"Purchase {id} is {Json.Name(current)}, not pending.",
            new
            {
                violations = new[]
                {
                    new
                    {
                        purchase_id = id,
                        current_status = current,
                        required_status = PurchaseStatus.Pending,
                    },
                },
            }
        );

    internal static ApiError CannotReverse(Guid id, PurchaseStatus current) =>
        AlreadyReversed.With(
            $"Purchase {id} is {Json.Name(current)}: only pending and confirmed purchases can be reversed.",
            new
            {
                violations = new[]
                {
                    new
                    {
                        purchase_id = id,
                        current_status = current,
                        reversible_from_statuses = new[] { PurchaseStatus.Pending, PurchaseStatus.Confirmed },
                    },
                },
            }
        );
}
