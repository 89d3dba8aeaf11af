using ClickNBack.Api.Http;

namespace ClickNBack.Api.OpenApi;

/// <summary>An answer that a route gives when all is well: for the OpenAPI document.</summary>
/// <param name="Value">What is written as JSON.</param>
internal sealed record AnswerExample(object Value);

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

    /// <summary>Shows what the route answers when all is well.</summary>
    public static RouteHandlerBuilder Answers(this RouteHandlerBuilder route, object example) =>
        route.WithMetadata(new AnswerExample(example));

    /// <summary>The same for a list: a page that holds this one item.</summary>
    public static RouteHandlerBuilder AnswersPageOf<T>(this RouteHandlerBuilder route, T item) =>
        route.Answers(new Page<T>([item], new Pagination(0, Paging.DefaultLimit, 1)));
}
