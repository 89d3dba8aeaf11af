namespace ClickNBack.Api.Http;

/// <summary>What kind of refusal an error is; <see cref="ErrorResponse"/> alone knows the HTTP status of each.</summary>
public enum ErrorKind
{
    /// <summary>A business rule refuses a well-formed request.</summary>
    Refused,

    /// <summary>Who is asking is unknown, or may not use this route.</summary>
    Unauthenticated,

    /// <summary>The caller is known and the resource is not theirs.</summary>
    Forbidden,

    /// <summary>The resource does not exist.</summary>
    NotFound,

    /// <summary>The route exists, the method does not.</summary>
    MethodNotAllowed,

    /// <summary>The request contradicts what is stored.</summary>
    Conflict,

    /// <summary>The body is larger than the platform reads.</summary>
    TooLarge,

    /// <summary>The body is not JSON by its content type.</summary>
    UnsupportedMediaType,

    /// <summary>The request is malformed, or names something unusable.</summary>
    Invalid,

    /// <summary>Too many requests.</summary>
    RateLimited,

    /// <summary>A bug or broken infrastructure.</summary>
    Internal,

    /// <summary>The platform cannot answer at the moment.</summary>
    Unavailable,
}

/// <summary>One entry of the error catalogue: a stable code, its kind, and when it is answered.</summary>
/// <param name="Code">The contract's code, in upper snake case.</param>
/// <param name="Kind">The kind of refusal.</param>
/// <param name="When">When clients see it, one sentence.</param>
public sealed record ErrorCode(string Code, ErrorKind Kind, string When)
{
    /// <summary>What its details look like, for the API's description; null if it has none.</summary>
    public object? DetailsExample { get; init; }

    /// <summary>An occurrence of this error.</summary>
    /// <param name="message">For people; no client decides anything by it.</param>
    /// <param name="details">For programs: an object serialised with the contract's field names; none is <c>{}</c>.</param>
    public ApiError With(string message, object? details = null) => new(this, message, details);
}

/// <summary>An expected failure as a value: a handler returns it, <see cref="ErrorResponse"/> writes it.</summary>
/// <param name="Code">The catalogue's entry.</param>
/// <param name="Message">For people.</param>
/// <param name="Details">For programs; null is written as <c>{}</c>.</param>
public sealed record ApiError(ErrorCode Code, string Message, object? Details = null) : IResult
{
    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext) => ErrorResponse.WriteAsync(httpContext, this);
}

/// <summary>One wrong field of a request.</summary>
/// <param name="Field">The field's exact name; a dotted path when nested; <c>body</c> for the whole body.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record Violation(string Field, string Reason);

/// <summary>Errors that belong to no feature: the shape of requests, routes, and the platform itself.</summary>
public static class HttpErrors
{
    /// <summary>One or more fields are malformed.</summary>
    public static readonly ErrorCode Malformed = new(
        "VALIDATION_ERROR",
        ErrorKind.Invalid,
        "The request is malformed; `details.violations` names every wrong field."
    )
    {
        DetailsExample = new { violations = new[] { new Violation("body", "must be a JSON object") } },
    };

    /// <summary>No such route.</summary>
    public static readonly ErrorCode UnknownRoute = new("NOT_FOUND", ErrorKind.NotFound, "No such route.");

    /// <summary>No such method on this route.</summary>
    public static readonly ErrorCode MethodNotAllowed = new(
        "METHOD_NOT_ALLOWED",
        ErrorKind.MethodNotAllowed,
        "The route does not have this method."
    );

    /// <summary>Not JSON.</summary>
    public static readonly ErrorCode UnsupportedMediaType = new(
        "UNSUPPORTED_MEDIA_TYPE",
        ErrorKind.UnsupportedMediaType,
        "A body that is not `application/json`."
    );

    /// <summary>Too large a body.</summary>
    public static readonly ErrorCode TooLarge = new(
        "PAYLOAD_TOO_LARGE",
        ErrorKind.TooLarge,
        "A body of more than 64 KiB."
    );

    /// <summary>A request the server could not read at all.</summary>
    public static readonly ErrorCode BadRequest = new(
        "VALIDATION_ERROR",
        ErrorKind.Refused,
        "The request could not be read as HTTP."
    );

    /// <summary>A bug.</summary>
    public static readonly ErrorCode Internal = new(
        "INTERNAL_SERVER_ERROR",
        ErrorKind.Internal,
        "A bug or broken infrastructure; `details.request_id` finds it in the logs."
    )
    {
        DetailsExample = new { request_id = "0HNH2V7Q3K5JD:00000001", timestamp = "2026-11-20T21:05:23Z" },
    };

    /// <summary>The database does not answer.</summary>
    public static readonly ErrorCode Unavailable = new(
        "SERVICE_UNAVAILABLE",
        ErrorKind.Unavailable,
        "The database does not answer; try again after `Retry-After` seconds."
    );

    /// <summary>The malformed request with all its violations.</summary>
    public static ApiError Invalid(IReadOnlyList<Violation> violations) =>
        Malformed.With("The request is malformed.", new { violations });

    /// <summary>The malformed request with one violation.</summary>
    public static ApiError Invalid(string field, string reason) => Invalid([new Violation(field, reason)]);
}
