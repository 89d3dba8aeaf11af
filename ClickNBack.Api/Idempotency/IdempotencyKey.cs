using ClickNBack.Api.Http;

namespace ClickNBack.Api.Idempotency;

/// <summary>The optional <c>Idempotency-Key</c> header: 1 to 255 printable ASCII characters.</summary>
/// <param name="Http">The request that it was sent with.</param>
/// <param name="Value">The key, or null if none was sent.</param>
/// <param name="Error">Why it is unusable, or null.</param>
internal sealed record IdempotencyKey(HttpContext Http, string? Value, ApiError? Error) : IBoundRequest
{
    public const string HeaderName = "Idempotency-Key";

    public const int MaxLength = 255;

    public static ValueTask<IdempotencyKey> BindAsync(HttpContext context)
    {
        var values = context.Request.Headers[HeaderName];
        IdempotencyKey key = values switch
        {
            [] => new(context, null, null),
            [{ Length: > 0 and <= MaxLength } value] when value.All(it => it is >= ' ' and <= '~') => new(
                context,
                value,
                null
            ),
            _ => new(
                context,
                null,
                HttpErrors.Invalid(HeaderName, $"must be one value of 1 to {MaxLength} printable characters")
            ),
        };
        return ValueTask.FromResult(key);
    }
}
