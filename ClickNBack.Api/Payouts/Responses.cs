using System.Text.Json;
using System.Text.Json.Serialization;
using ClickNBack.Api.Money;

namespace ClickNBack.Api.Payouts;

/// <summary>A payout in its user's list; never with the details of where it goes.</summary>
/// <param name="Id">The identifier.</param>
/// <param name="UserId">Who withdraws.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Amount">EUR.</param>
/// <param name="Method">How it is paid.</param>
/// <param name="RequestedAt">When it was requested, UTC.</param>
/// <param name="ProcessedAt">When it became completed or failed, UTC.</param>
/// <param name="ExternalReference">The payment provider's reference.</param>
internal sealed record PayoutResponse(
    Guid Id,
    Guid UserId,
    PayoutStatus Status,
    [property: JsonConverter(typeof(MoneyText))] decimal Amount,
    PayoutMethod Method,
    DateTimeOffset RequestedAt,
    DateTimeOffset? ProcessedAt,
    string? ExternalReference
);

/// <summary>A payout in the administrators' list; never with the details of where it goes.</summary>
/// <param name="Id">The identifier.</param>
/// <param name="UserId">Who withdraws.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Amount">EUR.</param>
/// <param name="Method">How it is paid.</param>
/// <param name="RequestedAt">When it was requested, UTC.</param>
/// <param name="ProcessedAt">When it became completed or failed, UTC.</param>
/// <param name="ExternalReference">The payment provider's reference.</param>
/// <param name="HeldFor">Why it waits for a release; null if it does not.</param>
internal sealed record AdminPayoutResponse(
    Guid Id,
    Guid UserId,
    PayoutStatus Status,
    [property: JsonConverter(typeof(MoneyText))] decimal Amount,
    PayoutMethod Method,
    DateTimeOffset RequestedAt,
    DateTimeOffset? ProcessedAt,
    string? ExternalReference,
    HoldReason? HeldFor
);

/// <summary>A payout that was just requested.</summary>
/// <param name="Id">The identifier.</param>
/// <param name="Status">Always requested.</param>
/// <param name="Amount">EUR.</param>
/// <param name="RequestedAt">When it was requested, UTC.</param>
internal sealed record RequestedPayoutResponse(
    Guid Id,
    PayoutStatus Status,
    [property: JsonConverter(typeof(MoneyText))] decimal Amount,
    DateTimeOffset RequestedAt
);

/// <summary>A payout whose status was just changed.</summary>
/// <param name="Id">The payout.</param>
/// <param name="Status">Its status.</param>
internal sealed record PayoutStatusResponse(Guid Id, PayoutStatus Status);

/// <summary>Where a payout goes.</summary>
/// <param name="Id">The payout.</param>
/// <param name="UserId">Who withdraws.</param>
/// <param name="Method">How it is paid.</param>
/// <param name="Details">Of a transfer <c>iban</c> and <c>account_holder</c>, of a card <c>card_token</c> and <c>card_holder</c>.</param>
internal sealed record PayoutDestinationResponse(Guid Id, Guid UserId, PayoutMethod Method, JsonElement Details);
