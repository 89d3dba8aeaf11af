using ClickNBack.Api.Http;
using ClickNBack.Api.Users;

namespace ClickNBack.Api.Audit;

internal static class AuditRoutes
{
    public static void MapAudit(this IEndpointRouteBuilder api) =>
        api.MapGet("/admin/audit-logs", ListAuditLogs.HandleAsync)
            .WithName("ListAuditLogs")
            .WithSummary("List audited actions")
            .WithDescription("Newest first; both days count.")
            .WithPageExample(AuditExamples.Reversal)
            .WithTags("Audit")
            .RequireAuthorization(Policies.Admin);
}
