namespace ClickNBack.Api.OpenApi;

/// <summary>What the OpenAPI document says about routes.</summary>
public static class OperationDescription
{
    /// <summary>Names and describes a route.</summary>
    /// <param name="route">The route.</param>
    /// <param name="operationId">The handler's name: what generated clients call.</param>
    /// <param name="summary">A few words.</param>
    /// <param name="description">A sentence or two.</param>
    public static RouteHandlerBuilder Describe(
        this RouteHandlerBuilder route,
        string operationId,
        string summary,
        string description
    ) => route.WithName(operationId).WithSummary(summary).WithDescription(description);
}
