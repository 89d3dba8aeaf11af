namespace ClickNBack.Api.Http;

/// <summary>What kind of refusal an error is, and the HTTP status that says so.</summary>
internal enum ErrorKind
{
    /// <summary>A business rule refuses a well-formed request.</summary>
    Refused = StatusCodes.Status400BadRequest,

    /// <summary>Who is asking is unknown, or may not use this route.</summary>
    Unauthenticated = StatusCodes.Status401Unauthorized,

    /// <summary>The caller is known and the resource is not theirs.</summary>
    Forbidden = StatusCodes.Status403Forbidden,

    NotFound = StatusCodes.Status404NotFound,

    /// <summary>The route exists, the method does not.</summary>
    MethodNotAllowed = StatusCodes.Status405MethodNotAllowed,

    /// <summary>The request contradicts what is stored.</summary>
    Conflict = StatusCodes.Status409Conflict,

    /// <summary>The body is larger than the platform reads.</summary>
    TooLarge = StatusCodes.Status413PayloadTooLarge,

    /// <summary>The body is not JSON by its content type.</summary>
    UnsupportedMediaType = StatusCodes.Status415UnsupportedMediaType,

    /// <summary>The request is malformed, or names something unusable.</summary>
    Invalid = StatusCodes.Status422UnprocessableEntity,

    RateLimited = StatusCodes.Status429TooManyRequests,

    /// <summary>A bug or broken infrastructure.</summary>
    Internal = StatusCodes.Status500InternalServerError,

    /// <summary>The platform cannot answer at the moment.</summary>
    Unavailable = StatusCodes.Status503ServiceUnavailable,
}

/// <summary>The definition of an error: its code, its kind and when it is answered.</summary>
/// <param name="code">The contract's code, in upper snake case.</param>
/// <param name="kind">The kind of refusal, and so the HTTP status.</param>
/// <param name="when">When clients see it, one sentence.</param>
internal class ErrorCode(string code, ErrorKind kind, string when)
{
    public string Code => code;

    public ErrorKind Kind => kind;

    public string When => when;

    /// <summary>An answer as the API's description shows it.</summary>
    public virtual ApiError Example => With();

    /// <summary>The answer.</summary>
    /// <param name="message">For people; without one, when it is answered.</param>
    public ApiError With(string? message = null) => new(this, message ?? when);
}

/// <summary>The definition of an error with details, which are made of what is known when it occurs.</summary>
/// <typeparam name="T">What is known.</typeparam>
/// <param name="code">The contract's code, in upper snake case.</param>
/// <param name="kind">The kind of refusal, and so the HTTP status.</param>
/// <param name="when">When clients see it, one sentence.</param>
/// <param name="answer">The message for people and the details for programs.</param>
/// <param name="example">What is known in the API's description.</param>
internal sealed class ErrorCode<T>(
    string code,
    ErrorKind kind,
    string when,
    Func<T, (string Message, object Details)> answer,
    T example
) : ErrorCode(code, kind, when)
{
    public override ApiError Example => With(example) with { Message = When };

    public ApiError With(T known)
    {
        var (message, details) = answer(known);
        return new ApiError(this, message, details);
    }
}

/// <summary>An expected failure as a value: a handler returns it, <see cref="ErrorResponse"/> writes it.</summary>
/// <param name="Code">Its definition.</param>
/// <param name="Message">For people; no client decides anything by it.</param>
/// <param name="Details">For programs, named as in the contract; null is written as <c>{}</c>.</param>
internal sealed record ApiError(ErrorCode Code, string Message, object? Details = null) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext) => ErrorResponse.WriteAsync(httpContext, this);
}

/// <summary>One wrong field of a request.</summary>
/// <param name="Field">The field's exact name; a dotted path when nested; <c>body</c> for the whole body.</param>
/// <param name="Reason">What is wrong with it.</param>
internal sealed record Violation(string Field, string Reason);
