namespace ClickNBack.Api.Idempotency;

/// <summary>A stored response, given again byte for byte.</summary>
internal sealed class ReplayedResponse(StoredResponse stored) : IResult
{
    /// <summary>Says that a response is a repetition.</summary>
    public const string HeaderName = "Idempotent-Replayed";

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = stored.StatusCode;
        response.ContentType = "application/json; charset=utf-8";
        response.Headers[HeaderName] = "true";
        response.Headers.Location = stored.Location;
        await response.Body.WriteAsync(stored.Body, httpContext.RequestAborted);
    }
}
