using ClickNBack.Api.Http;
using ClickNBack.Api.Users;
using ClickNBack.ServiceDefaults;

namespace ClickNBack.Api.Status;

/// <summary>How the platform is doing.</summary>
internal static class StatusRoutes
{
    public static void MapStatus(this IEndpointRouteBuilder api)
    {
        api.MapReadiness("/health"); // for clients that know the API only
        api.MapGet("/system/status", GetStatus.HandleAsync)
            .WithName("GetStatus")
            .WithSummary("How the platform is doing")
            .WithDescription(
                "Versions, backlog, and the last answer of the money invariants: all zero, or money is wrong."
            )
            .WithExample(response: StatusExamples.Healthy)
            .WithTags("System")
            .RequireAuthorization(Policies.Admin);
    }
}
