using ClickNBack.Api.Http;

namespace ClickNBack.Api.Idempotency;

/// <summary>What can go wrong with idempotency keys (contract D7).</summary>
public static class IdempotencyErrors
{
    /// <summary>The key was used for something else.</summary>
    public static readonly ErrorCode KeyReused = new(
        "IDEMPOTENCY_KEY_REUSED",
        ErrorKind.Invalid,
        "The `Idempotency-Key` was used for another request."
    );

    /// <summary>The first request with the key is not finished.</summary>
    public static readonly ErrorCode KeyInUse = new(
        "IDEMPOTENCY_KEY_IN_USE",
        ErrorKind.Conflict,
        "A request with this `Idempotency-Key` is being worked on; try again after `Retry-After` seconds."
    );
}
