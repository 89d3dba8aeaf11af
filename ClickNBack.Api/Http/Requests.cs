using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;

namespace ClickNBack.Api.Http;

/// <summary>An argument of a handler that may be unusable: then <see cref="RequestFilter"/> answers and the handler does not run.</summary>
internal interface IBoundRequest
{
    /// <summary>Why the request is refused, or null.</summary>
    ApiError? Error { get; }
}

/// <summary>The JSON body of a request. A handler sees only valid ones.</summary>
internal sealed class Body<T>(T? value, ReadOnlyMemory<byte> bytes, ApiError? error)
    : IBoundRequest,
        IEndpointParameterMetadataProvider
    where T : class
{
    public T Value => value ?? throw new InvalidOperationException("The request was refused.");

    /// <summary>The body as it was sent.</summary>
    public ReadOnlyMemory<byte> Bytes => bytes;

    public ApiError? Error => error;

    public static async ValueTask<Body<T>> BindAsync(HttpContext context)
    {
        if (
            !MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type)
            || !type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        )
        {
            return new(null, default, HttpErrors.UnsupportedMediaType.With());
        }

        // What a client says of the length is no reason to reserve so much memory.
        using var buffer = new MemoryStream(
            (int)Math.Min(context.Request.ContentLength ?? 1024, RequestLimits.MaxBodyBytes)
        );
        try
        {
            await context.Request.Body.CopyToAsync(buffer, context.RequestAborted); // the server limits its length
        }
        catch (BadHttpRequestException refused) // what a client does to its upload is no error of ours
        {
            return new(null, default, HttpErrors.Unreadable(refused));
        }

        var bytes = buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
        var violations = new List<Violation>();
        if (RequestBinder.ReadBody(typeof(T), bytes, violations) is not T request)
        {
            return new(null, bytes, HttpErrors.Malformed.With([new Violation("body", "must be a JSON object")]));
        }

        return new(request, bytes, violations.Count == 0 ? null : HttpErrors.Malformed.With(violations));
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder)
    {
        builder.Metadata.Add(new AcceptsMetadata([], typeof(T))); // with a type, routing would refuse others without the envelope
        builder.Metadata.Add(new ErrorMetadata([HttpErrors.UnsupportedMediaType, HttpErrors.TooLarge]));
    }
}

/// <summary>The query string of a request. A handler sees only valid ones.</summary>
internal sealed class Query<T>(T value, ApiError? error) : IBoundRequest, IEndpointParameterMetadataProvider
    where T : class
{
    public T Value => value;

    public ApiError? Error => error;

    public static ValueTask<Query<T>> BindAsync(HttpContext context)
    {
        var violations = new List<Violation>();
        var request = (T)RequestBinder.ReadQuery(typeof(T), context.Request.Query, violations);
        return ValueTask.FromResult(
            new Query<T>(request, violations.Count == 0 ? null : HttpErrors.Malformed.With(violations))
        );
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new QueryMetadata(typeof(T)));
}

/// <summary>What a route reads from the query string, for the OpenAPI document.</summary>
internal sealed record QueryMetadata(Type Request);

/// <summary>Answers requests that could not be read, before their handler runs.</summary>
internal sealed class RequestFilter : IEndpointFilter
{
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
