using ClickNBack.Api.Auth;
using ClickNBack.Api.OpenApi;
using ClickNBack.ServiceDefaults;

namespace ClickNBack.Api.Status;

/// <summary>How the platform is doing.</summary>
public static class StatusRoutes
{
    /// <summary>Maps it.</summary>
    public static void MapStatus(this IEndpointRouteBuilder api)
    {
        api.MapReadiness("/health"); // for clients that know the API only
        api.MapGet("/system/status", GetStatus.Handle)
            .Describe(
                "GetStatus",
                "How the platform is doing",
                "Versions, backlog, and the last answer of the money invariants: all zero, or money is wrong."
            )
            .Answers(StatusExamples.Healthy)
            .WithTags("System")
            .RequireAuthorization(BearerAuthentication.AdminPolicy);
    }
}
