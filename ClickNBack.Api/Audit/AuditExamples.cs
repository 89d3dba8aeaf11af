using System.Text.Json;
using ClickNBack.Api.Users;

namespace ClickNBack.Api.Audit;

/// <summary>What the API's description shows of the audit log.</summary>
internal static class AuditExamples
{
    public static readonly AuditLogResponse Reversal = new(
        new Guid("bb000001-0000-4000-8000-000000000001"),
        new DateTimeOffset(2026, 11, 21, 9, 15, 0, 120, 450, TimeSpan.Zero),
        ActorType.Admin,
        UserExamples.Administrator,
        AuditActions.PurchaseReversed,
        "purchase",
        new Guid("aa000001-0000-4000-8000-000000000001"),
        AuditOutcome.Success,
        JsonSerializer.SerializeToElement(new { prior_status = "confirmed" })
    );
}
