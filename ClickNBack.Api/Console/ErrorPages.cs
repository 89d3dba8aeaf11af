using ClickNBack.Api.Http;

namespace ClickNBack.Api.Console;

/// <summary>Errors under <c>/console</c>, as pages.</summary>
internal sealed class ErrorPages : IErrorWriter
{
    internal sealed record Model(string Title, string Message, string TraceId);

    public static readonly ErrorPages Instance = new();

    public Task WriteAsync(HttpContext http, ApiError error, string traceId) =>
        Page.Of<ErrorPage>(new Model(TitleOf(error.Code.Kind), error.Message, traceId), error.Code.Kind)
            .ExecuteAsync(http);

    private static string TitleOf(ErrorKind kind) =>
        kind switch
        {
            ErrorKind.NotFound => "There is nothing here",
            ErrorKind.RateLimited => "Too many attempts",
            ErrorKind.Unavailable => "The platform does not answer",
            ErrorKind.Internal => "Something went wrong",
            _ => "That did not work",
        };
}
