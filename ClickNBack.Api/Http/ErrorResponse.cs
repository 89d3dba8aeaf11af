using System.Diagnostics;
using Microsoft.AspNetCore.Diagnostics;
using Npgsql;

namespace ClickNBack.Api.Http;

/// <summary>Writes errors where a request asks for something else than JSON; a feature of the request.</summary>
internal interface IErrorWriter
{
    /// <summary>Writes the body; the status is set.</summary>
    Task WriteAsync(HttpContext http, ApiError error, string traceId);
}

/// <summary>The one place where failures become HTTP: statuses, the envelope, and what an unexpected exception may say.</summary>
internal static class ErrorResponse
{
    internal sealed record Envelope(Content Error)
    {
        public static Envelope Of(ApiError error, string traceId) =>
            new(new Content(error.Code.Code, error.Message, error.Details ?? NoDetails, traceId));
    }

    internal sealed record Content(string Code, string Message, object Details, string TraceId);

    private static readonly Dictionary<string, string> NoDetails = [];

    public static Task WriteAsync(HttpContext http, ApiError error)
    {
        http.Response.StatusCode = (int)error.Code.Kind;
        if (http.Features.Get<IErrorWriter>() is { } writer)
        {
            return writer.WriteAsync(http, error, CurrentTrace(http));
        }

        return http.Response.WriteAsJsonAsync(
            Envelope.Of(error, CurrentTrace(http)),
            Json.Options,
            http.RequestAborted
        );
    }

    /// <summary>
    /// Gives every answer without a body (unknown route, wrong method, refused by the server) and every unhandled
    /// exception the envelope.
    /// </summary>
    public static void UseErrorEnvelope(this WebApplication app)
    {
        app.UseExceptionHandler(handler => handler.Run(WriteExceptionAsync));
        app.UseStatusCodePages(context => WriteAsync(context.HttpContext, OfBareStatus(context.HttpContext)));
    }

    private static ApiError OfBareStatus(HttpContext http) =>
        http.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => HttpErrors.UnknownRoute.With($"There is nothing at {http.Request.Path}."),
            StatusCodes.Status405MethodNotAllowed => HttpErrors.MethodNotAllowed.With(
                $"{http.Request.Method} is not allowed here."
            ),
            StatusCodes.Status413PayloadTooLarge => HttpErrors.TooLarge.With("The request is too large."),
            StatusCodes.Status415UnsupportedMediaType => HttpErrors.UnsupportedMediaType.With("Send application/json."),
            >= 500 => UnexpectedError(http),
            _ => HttpErrors.BadRequest.With("The request could not be read."),
        };

    private static Task WriteExceptionAsync(HttpContext http)
    {
        var exception = http.Features.Get<IExceptionHandlerFeature>()?.Error;
        var error = exception switch
        {
            BadHttpRequestException refused => HttpErrors.Unreadable(refused),
            _ when IsDatabaseUnavailable(exception) => HttpErrors.Unavailable.With("Please try again in a moment."),
            _ => UnexpectedError(http),
        };

        if (error.Code == HttpErrors.Unavailable)
        {
            http.Response.Headers.RetryAfter = "1";
        }

        return WriteAsync(http, error);
    }

    // Connections refused, broken or exhausted, and a server that is shutting down: nothing has been committed that
    // the caller was told of, so trying again is right.
    private static bool IsDatabaseUnavailable(Exception? exception) =>
        exception switch
        {
            null => false,
            NpgsqlException { IsTransient: true } => true,
            PostgresException { SqlState: var state } => state.StartsWith("57P", StringComparison.Ordinal),
            NpgsqlException { InnerException: IOException or System.Net.Sockets.SocketException or TimeoutException } =>
                true,
            _ => IsDatabaseUnavailable(exception.InnerException),
        };

    private static ApiError UnexpectedError(HttpContext http) =>
        HttpErrors.Internal.With(
            (http.TraceIdentifier, http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow())
        );

    private static string CurrentTrace(HttpContext http) =>
        Activity.Current?.TraceId.ToHexString() ?? http.TraceIdentifier;
}
