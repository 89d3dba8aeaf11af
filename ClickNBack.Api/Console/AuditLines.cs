using ClickNBack.Api.Audit;

namespace ClickNBack.Api.Console;

/// <summary>A row of the audit log as it is shown.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="Action">What was done.</param>
/// <param name="Actor">By whom.</param>
/// <param name="ActorId">By which account; null for the platform.</param>
/// <param name="Target">To what kind of thing.</param>
/// <param name="TargetId">To which thing.</param>
/// <param name="Link">The thing's page, if it has one.</param>
/// <param name="Details">What else matters.</param>
/// <param name="Failed">Whether it was refused.</param>
public sealed record AuditLine(
    DateTimeOffset At,
    string Action,
    string Actor,
    Guid? ActorId,
    string Target,
    Guid TargetId,
    string? Link,
    string? Details,
    bool Failed
);

/// <summary>The audit log as it is shown.</summary>
internal static class AuditLines
{
    public static IReadOnlyList<AuditLine> Of(IEnumerable<AuditLog> logs) =>
        [
            .. logs.Select(it => new AuditLine(
                it.OccurredAt,
                Words.Of(it.Action),
                Words.Of(it.ActorType),
                it.ActorId,
                Words.Of(it.ResourceType),
                it.ResourceId,
                LinkTo(it.ResourceType, it.ResourceId),
                it.Details,
                it.Outcome == AuditOutcome.Failure
            )),
        ];

    private static string? LinkTo(string type, Guid id) =>
        type switch
        {
            "payout" => $"{PayoutList.Path}/{id}",
            "payout_export" => $"{PayoutBatches.Path}/{id}",
            "user" or "wallet" => $"{UserList.Path}/{id}",
            "merchant" => $"{MerchantList.Path}/{id}",
            "purchase" => $"{ConsoleApp.Root}/purchases/{id}",
            "case" => $"{ConsoleApp.Root}/cases/{id}",
            _ => null,
        };
}
