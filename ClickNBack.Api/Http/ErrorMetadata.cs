namespace ClickNBack.Api.Http;

/// <summary>Which errors a route can answer, beyond those of every route: for the OpenAPI document and the tests.</summary>
/// <param name="Errors">The catalogue's entries.</param>
public sealed record ErrorMetadata(IReadOnlyList<ErrorCode> Errors);

/// <summary>Declares errors of routes.</summary>
public static class ErrorMetadataExtensions
{
    /// <summary>Declares what the route can refuse.</summary>
    public static RouteHandlerBuilder Fails(this RouteHandlerBuilder route, params ErrorCode[] errors) =>
        route.WithMetadata(new ErrorMetadata(errors));
}
