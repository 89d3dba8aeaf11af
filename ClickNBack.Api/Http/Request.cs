using System.Text.Json;
using Microsoft.Net.Http.Headers;

namespace ClickNBack.Api.Http;

/// <summary>A request that knows how to read itself from the fields of a body or of a query string.</summary>
public interface IRequest<out TSelf>
    where TSelf : IRequest<TSelf>
{
    /// <summary>Reads all fields; what is wrong is reported to <paramref name="fields"/>.</summary>
    static abstract TSelf Read(Fields fields);
}

/// <summary>An argument of a handler that may have turned out unusable; <see cref="RequestFilter"/> then answers.</summary>
public interface IBoundRequest
{
    /// <summary>Why the request is refused, or null.</summary>
    ApiError? Error { get; }
}

/// <summary>The JSON body of a request. A handler sees only valid ones.</summary>
public sealed class Body<T>(T? value, ReadOnlyMemory<byte> bytes, ApiError? error) : IBoundRequest
    where T : class, IRequest<T>
{
    /// <summary>The valid request.</summary>
    public T Value => value ?? throw new InvalidOperationException("The request was refused.");

    /// <summary>The body as it was sent.</summary>
    public ReadOnlyMemory<byte> Bytes => bytes;

    /// <inheritdoc/>
    public ApiError? Error => error;

    /// <summary>Called by the framework.</summary>
    public static async ValueTask<Body<T>> BindAsync(HttpContext context)
    {
        if (
            !MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type)
            || !type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        )
        {
            return Refuse(HttpErrors.UnsupportedMediaType.With("Send application/json."));
        }

        // What a client says of the length is no reason to reserve so much memory.
        using var buffer = new MemoryStream(
            (int)Math.Min(context.Request.ContentLength ?? 1024, ClickNBackApi.MaxBodyBytes)
        );
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted); // the server limits its length
        var bytes = buffer.ToArray();
        try
        {
            using var body = JsonDocument.Parse(bytes);
            if (body.RootElement.ValueKind != JsonValueKind.Object)
            {
                return Refuse(HttpErrors.Invalid("body", "must be a JSON object"));
            }

            var fields = Fields.Of(body.RootElement);
            var request = T.Read(fields);
            return fields.Violations.Count == 0
                ? new(request, bytes, null)
                : Refuse(HttpErrors.Invalid(fields.Violations));
        }
        catch (JsonException)
        {
            return Refuse(HttpErrors.Invalid("body", "must be JSON"));
        }
    }

    private static Body<T> Refuse(ApiError error) => new(null, default, error);
}

/// <summary>The query string of a request. A handler sees only valid ones.</summary>
public sealed class Query<T>(T? value, ApiError? error) : IBoundRequest
    where T : class, IRequest<T>
{
    /// <summary>The valid request.</summary>
    public T Value => value ?? throw new InvalidOperationException("The request was refused.");

    /// <inheritdoc/>
    public ApiError? Error => error;

    /// <summary>Called by the framework.</summary>
    public static ValueTask<Query<T>> BindAsync(HttpContext context)
    {
        var fields = Fields.Of(context.Request.Query);
        var request = T.Read(fields);
        return ValueTask.FromResult<Query<T>>(
            fields.Violations.Count == 0 ? new(request, null) : new(null, HttpErrors.Invalid(fields.Violations))
        );
    }
}

/// <summary>Answers for requests that could not be read, before their handler runs.</summary>
public sealed class RequestFilter : IEndpointFilter
{
    /// <inheritdoc/>
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        foreach (var argument in context.Arguments)
        {
            if (argument is IBoundRequest { Error: { } error })
            {
                return ValueTask.FromResult<object?>(error);
            }
        }

        return next(context);
    }
}
