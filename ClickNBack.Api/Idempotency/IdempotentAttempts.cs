using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace ClickNBack.Api.Idempotency;

/// <summary>
/// One attempt to do what a request asks. With a key it has opened the transaction already, which holds the key until it
/// ends; without one it costs nothing.
/// </summary>
internal sealed class IdempotentAttempt : IAsyncDisposable
{
    private readonly ClickNBackDbContext _db;
    private readonly KeptAnswer? _template;
    private IDbContextTransaction? _transaction;

    internal IdempotentAttempt(
        ClickNBackDbContext db,
        IDbContextTransaction? transaction = null,
        KeptAnswer? template = null
    )
    {
        _db = db;
        _transaction = transaction;
        _template = template;
    }

    /// <summary>Why the key cannot be used, or null.</summary>
    public ApiError? Refusal { get; internal init; }

    /// <summary>The answer that was given before, or null.</summary>
    public ReplayedAnswer? Replay { get; internal init; }

    /// <summary>The transaction of the effect; it ends with the attempt.</summary>
    public async Task<IDbContextTransaction> BeginTransactionAsync(CancellationToken cancel) =>
        _transaction ??= await _db.Database.BeginTransactionAsync(cancel);

    /// <summary>Keeps the answer, if there is a key: it is saved and committed with the effect.</summary>
    public void Keep(IStatusCodeHttpResult result, object? value, string? location)
    {
        if (_template is { } template)
        {
            _db.Add(
                new KeptAnswer
                {
                    UserId = template.UserId,
                    Key = template.Key,
                    Fingerprint = template.Fingerprint,
                    StatusCode = result.StatusCode ?? StatusCodes.Status200OK,
                    Location = location,
                    Body = JsonSerializer.SerializeToUtf8Bytes(value, Json.Options),
                    CreatedAt = template.CreatedAt,
                }
            );
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _transaction?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>
/// Exactly-once effects for requests with an <c>Idempotency-Key</c> (contract D7). What is kept is the answer to an effect;
/// a refusal has none, so trying again decides anew.
/// </summary>
internal sealed class IdempotentAttempts(ClickNBackDbContext db, IHttpContextAccessor http, TimeProvider time)
{
    /// <summary>How long answers are kept.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromHours(24);

    /// <summary>Starts an attempt: finds out whether the key was used before or is in use now.</summary>
    /// <param name="key">The header.</param>
    /// <param name="userId">The caller: keys are theirs alone.</param>
    /// <param name="body">The body as it was sent.</param>
    /// <param name="cancel">Cancels.</param>
    public async Task<IdempotentAttempt> StartAsync(
        IdempotencyKey key,
        Guid userId,
        ReadOnlyMemory<byte> body,
        CancellationToken cancel
    )
    {
        if (key.Value is not { } value)
        {
            return new IdempotentAttempt(db);
        }

        var now = time.GetUtcNow();
        var transaction = await db.Database.BeginTransactionAsync(cancel);
        var holds = await db
            .Database.SqlQuery<bool>($"""SELECT pg_try_advisory_xact_lock({LockOf(userId, value)}) AS "Value" """)
            .SingleAsync(cancel);
        if (!holds)
        {
            http.HttpContext!.Response.Headers.RetryAfter = "1";
            return new IdempotentAttempt(db, transaction) { Refusal = IdempotencyErrors.KeyInUse.With() };
        }

        await db
            .KeptAnswers.Where(it => it.UserId == userId && it.Key == value && it.CreatedAt <= now - Retention)
            .ExecuteDeleteAsync(cancel);
        var kept = await db
            .KeptAnswers.AsNoTracking()
            .SingleOrDefaultAsync(it => it.UserId == userId && it.Key == value, cancel);
        var request = http.HttpContext!.Request;
        var fingerprint = FingerprintOf(request.Method, request.Path.Value!, body.Span);
        if (kept is null)
        {
            var template = new KeptAnswer
            {
                UserId = userId,
                Key = value,
                Fingerprint = fingerprint,
                StatusCode = 0,
                Body = [],
                CreatedAt = now,
            };
            return new IdempotentAttempt(db, transaction, template);
        }

        return kept.Fingerprint.AsSpan().SequenceEqual(fingerprint)
            ? new IdempotentAttempt(db, transaction) { Replay = new ReplayedAnswer(kept) }
            : new IdempotentAttempt(db, transaction) { Refusal = IdempotencyErrors.KeyReused.With() };
    }

    internal static byte[] FingerprintOf(string method, string path, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{method} {path.TrimEnd('/')}\n"));
        hash.AppendData(body);
        return hash.GetHashAndReset();
    }

    // Two different keys may share a number: then one of two simultaneous requests is told to try again, which is harmless.
    private static long LockOf(Guid userId, string key) =>
        BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{userId} {key}")));
}
