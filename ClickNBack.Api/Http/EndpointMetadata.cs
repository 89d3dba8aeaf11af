namespace ClickNBack.Api.Http;

/// <summary>Which errors a route can answer, beyond those of every route: for the OpenAPI document and the tests.</summary>
internal sealed record ErrorMetadata(IReadOnlyList<ErrorCode> Errors);

/// <summary>What a route reads and answers when all is well, for example.</summary>
internal sealed record ExampleMetadata(object? Request, object? Response);

/// <summary>What the framework's own verbs for routes do not say.</summary>
internal static class EndpointMetadataExtensions
{
    /// <summary>Declares what the route can refuse.</summary>
    public static RouteHandlerBuilder ProducesErrors(this RouteHandlerBuilder route, params ErrorCode[] errors) =>
        route.WithMetadata(new ErrorMetadata(errors));

    /// <summary>Shows a request and its answer.</summary>
    public static RouteHandlerBuilder WithExample(
        this RouteHandlerBuilder route,
        object? request = null,
        object? response = null
    ) => route.WithMetadata(new ExampleMetadata(request, response));

    /// <summary>Shows a list that holds this one item.</summary>
    public static RouteHandlerBuilder WithPageExample<T>(this RouteHandlerBuilder route, T item) =>
        route.WithExample(response: new Page<T>([item], new Pagination(0, Paging.DefaultLimit, 1)));
}
