using System.Text.Json;

namespace ClickNBack.Api.Audit;

/// <summary>One audited action.</summary>
/// <param name="Id">The identifier.</param>
/// <param name="OccurredAt">When, UTC.</param>
/// <param name="ActorType">Who acted.</param>
/// <param name="ActorId">Which account; null for the platform.</param>
/// <param name="Action">What was done.</param>
/// <param name="ResourceType">To what kind of thing.</param>
/// <param name="ResourceId">To which thing.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Details">What else matters.</param>
internal sealed record AuditLogResponse(
    Guid Id,
    DateTimeOffset OccurredAt,
    ActorType ActorType,
    Guid? ActorId,
    string Action,
    string ResourceType,
    Guid ResourceId,
    AuditOutcome Outcome,
    JsonElement? Details
);
