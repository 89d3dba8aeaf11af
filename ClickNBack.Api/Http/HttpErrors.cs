namespace ClickNBack.Api.Http;

/// <summary>Errors that belong to no feature: the shape of requests, routes, and the platform itself.</summary>
internal static class HttpErrors
{
    public static readonly ErrorCode<IReadOnlyList<Violation>> Malformed = OfFields(
        "VALIDATION_ERROR",
        ErrorKind.Invalid,
        "The request is malformed; `details.violations` names every wrong field.",
        new Violation("body", "must be a JSON object")
    );

    public static readonly ErrorCode UnknownRoute = new("NOT_FOUND", ErrorKind.NotFound, "No such route.");

    public static readonly ErrorCode MethodNotAllowed = new(
        "METHOD_NOT_ALLOWED",
        ErrorKind.MethodNotAllowed,
        "The route does not have this method."
    );

    public static readonly ErrorCode UnsupportedMediaType = new(
        "UNSUPPORTED_MEDIA_TYPE",
        ErrorKind.UnsupportedMediaType,
        "A body that is not `application/json`."
    );

    public static readonly ErrorCode TooLarge = new(
        "PAYLOAD_TOO_LARGE",
        ErrorKind.TooLarge,
        "A body of more than 64 KiB."
    );

    public static readonly ErrorCode BadRequest = new(
        "VALIDATION_ERROR",
        ErrorKind.Refused,
        "The request could not be read as HTTP."
    );

    public static readonly ErrorCode<(string RequestId, DateTimeOffset Now)> Internal = new(
        "INTERNAL_SERVER_ERROR",
        ErrorKind.Internal,
        "A bug or broken infrastructure; `details.request_id` finds it in the logs.",
        it =>
            (
                "Something went wrong on our side.",
                new { it.RequestId, Timestamp = $"{it.Now.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}" }
            ),
        ("0HNH2V7Q3K5JD:00000001", new DateTimeOffset(2026, 11, 20, 21, 5, 23, TimeSpan.Zero))
    );

    public static readonly ErrorCode Unavailable = new(
        "SERVICE_UNAVAILABLE",
        ErrorKind.Unavailable,
        "The database does not answer; try again after `Retry-After` seconds."
    );

    /// <summary>What the server finds wrong with a request while reading it.</summary>
    public static ApiError Unreadable(BadHttpRequestException refused) =>
        refused.StatusCode == StatusCodes.Status413PayloadTooLarge
            ? TooLarge.With("The request is too large.")
            : BadRequest.With("The request could not be read.");

    /// <summary>A malformed request with one wrong field.</summary>
    public static ApiError Invalid(string field, string reason) => Malformed.With([new Violation(field, reason)]);

    /// <summary>Defines an error that names wrong fields.</summary>
    public static ErrorCode<IReadOnlyList<Violation>> OfFields(
        string code,
        ErrorKind kind,
        string when,
        Violation example
    ) =>
        new(
            code,
            kind,
            when,
            it => (string.Join(' ', it.Select(x => $"{x.Field} {x.Reason}.")), new { Violations = it }),
            [example]
        );

    /// <summary>Defines the error that a resource does not exist; what is known is the id that was asked for.</summary>
    public static ErrorCode<string> NotFound(string resource, Guid example) =>
        new(
            "NOT_FOUND",
            ErrorKind.NotFound,
            $"There is no such {resource}.",
            id => ($"There is no {resource} {id}.", new { ResourceType = resource, ResourceId = id }),
            $"{example}"
        );
}
