using ClickNBack.Api.Http;

namespace ClickNBack.Api.Idempotency;

/// <summary>What can go wrong with idempotency keys (contract D7).</summary>
internal static class IdempotencyErrors
{
    public static readonly ErrorCode KeyReused = new(
        "IDEMPOTENCY_KEY_REUSED",
        ErrorKind.Invalid,
        "The `Idempotency-Key` was used for another request."
    );

    public static readonly ErrorCode KeyInUse = new(
        "IDEMPOTENCY_KEY_IN_USE",
        ErrorKind.Conflict,
        "A request with this `Idempotency-Key` is being worked on; try again after `Retry-After` seconds."
    );
}
