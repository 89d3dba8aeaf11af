namespace ClickNBack.Api.Idempotency;

/// <summary>A kept answer, given again byte for byte.</summary>
public sealed class ReplayedAnswer(KeptAnswer answer) : IResult
{
    /// <summary>Says that an answer is a repetition.</summary>
    public const string HeaderName = "Idempotent-Replayed";

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = answer.StatusCode;
        response.ContentType = "application/json; charset=utf-8";
        response.Headers[HeaderName] = "true";
        response.Headers.Location = answer.Location;
        await response.Body.WriteAsync(answer.Body, httpContext.RequestAborted);
    }
}
