using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Npgsql;

namespace ClickNBack.Api.Idempotency;

/// <summary>
/// One attempt to do what a request asks. With a key it has opened the transaction already, which holds the key until it
/// ends; without one it costs nothing.
/// </summary>
internal sealed class IdempotentAttempt : IAsyncDisposable
{
    private const string Insert = """
        INSERT INTO idempotency_keys (user_id, key, fingerprint, status_code, location, body, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """;

    private readonly NpgsqlDataSource _database;
    private NpgsqlTransaction? _transaction;

    internal IdempotentAttempt(NpgsqlDataSource database, NpgsqlTransaction? transaction = null)
    {
        _database = database;
        _transaction = transaction;
    }

    /// <summary>Why the key cannot be used, or null.</summary>
    public ApiError? Refusal { get; internal init; }

    /// <summary>The response that was given before, or null.</summary>
    public ReplayedResponse? Replay { get; internal init; }

    internal ClaimedKey? Key { get; init; }

    /// <summary>Statements of the effect: in its transaction, or atomic by themselves if there is none.</summary>
    public NpgsqlBatch CreateBatch() =>
        _transaction is null ? _database.CreateBatch() : new NpgsqlBatch(_transaction.Connection, _transaction);

    /// <summary>
    /// Reads before the effect: again on a fresh connection where the one at hand was cut, unless a transaction was cut with it.
    /// </summary>
    public Task<T> ReadAsync<T>(Func<Task<T>> read) => _transaction is null ? _database.ReadAsync(read) : read();

    /// <summary>Sees to it that there is a transaction for the effect; it ends with the attempt.</summary>
    public async Task BeginTransactionAsync(CancellationToken cancel) =>
        _transaction ??= await (await _database.OpenConnectionAsync(cancel)).BeginTransactionAsync(cancel);

    /// <summary>Commits the transaction, if there is one.</summary>
    public Task CommitAsync(CancellationToken cancel) => _transaction?.CommitAsync(cancel) ?? Task.CompletedTask;

    /// <summary>Stores the response, if there is a key: it is written and committed with the effect.</summary>
    public void Store(NpgsqlBatch effect, IStatusCodeHttpResult result, object? value, string? location)
    {
        if (Key is { } key)
        {
            effect.Add(
                Insert,
                it =>
                    it.AddValue(key.UserId)
                        .AddValue(key.Value)
                        .AddValue(key.Fingerprint)
                        .AddValue(result.StatusCode ?? StatusCodes.Status200OK)
                        .AddValue(location)
                        .AddValue(JsonSerializer.SerializeToUtf8Bytes(value, Json.Options))
                        .AddValue(key.Now)
            );
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_transaction is { Connection: var connection })
        {
            await _transaction.DisposeAsync();
            await connection!.DisposeAsync();
        }
    }
}

internal sealed record ClaimedKey(Guid UserId, string Value, byte[] Fingerprint, DateTimeOffset Now);

/// <summary>
/// Exactly-once effects for requests with an <c>Idempotency-Key</c> (contract D7). What is stored is the response to an effect;
/// a refusal has none, so trying again decides anew.
/// </summary>
internal sealed class IdempotentAttempts(NpgsqlDataSource database, Fingerprints fingerprints, TimeProvider time)
{
    /// <summary>How long responses are stored.</summary>
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
    ) =>
        key.Value is { } value
            ? await database.ReadAsync(() => StartAsync(key.Http, value, userId, body, cancel))
            : new IdempotentAttempt(database);

    private async Task<IdempotentAttempt> StartAsync(
        HttpContext http,
        string key,
        Guid userId,
        ReadOnlyMemory<byte> body,
        CancellationToken cancel
    )
    {
        var connection = await database.OpenConnectionAsync(cancel);
        try
        {
            var transaction = await connection.BeginTransactionAsync(cancel);
            return await StartAsync(transaction, http, key, userId, body, cancel);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task<IdempotentAttempt> StartAsync(
        NpgsqlTransaction transaction,
        HttpContext http,
        string key,
        Guid userId,
        ReadOnlyMemory<byte> body,
        CancellationToken cancel
    )
    {
        var now = time.GetUtcNow();
        var (holds, stored) = await ClaimAsync(transaction, key, userId, now, cancel);
        if (!holds)
        {
            return InUse();
        }

        var (method, path) = (http.Request.Method, http.Request.Path.Value!);
        if (stored is null)
        {
            var fingerprint = fingerprints.Of(method, path, body.Span);
            return new IdempotentAttempt(database, transaction) { Key = new(userId, key, fingerprint, now) };
        }

        return fingerprints.Matches(stored.Fingerprint, method, path, body.Span) switch
        {
            true => new IdempotentAttempt(database, transaction) { Replay = new ReplayedResponse(stored) },
            false => new IdempotentAttempt(database, transaction) { Refusal = IdempotencyErrors.KeyReused.With() },
            null => InUse(), // the retry reaches a process that can tell, or comes when this one has been replaced
        };

        IdempotentAttempt InUse()
        {
            http.Response.Headers.RetryAfter = "1";
            return new IdempotentAttempt(database, transaction) { Refusal = IdempotencyErrors.KeyInUse.With() };
        }
    }

    // One round trip. If somebody else holds the key, what is stored under it does not matter.
    private static async Task<(bool Holds, StoredResponse? Stored)> ClaimAsync(
        NpgsqlTransaction transaction,
        string key,
        Guid userId,
        DateTimeOffset now,
        CancellationToken cancel
    )
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        batch.Add("SELECT pg_try_advisory_xact_lock($1)", it => it.AddValue(LockOf(userId, key)));
        batch.Add(
            "DELETE FROM idempotency_keys WHERE user_id = $1 AND key = $2 AND created_at <= $3",
            it => it.AddValue(userId).AddValue(key).AddValue(now - Retention)
        );
        batch.Add(
            """
            SELECT fingerprint, status_code, location, body, created_at
            FROM idempotency_keys
            WHERE user_id = $1 AND key = $2
            """,
            it => it.AddValue(userId).AddValue(key)
        );
        await using var reader = await batch.ExecuteReaderAsync(cancel);
        var holds = await reader.ReadAllAsync(row => row.GetBoolean(0), cancel);
        var stored = await reader.ReadAllAsync(
            row => new StoredResponse
            {
                UserId = userId,
                Key = key,
                Fingerprint = row.GetFieldValue<byte[]>(0),
                StatusCode = row.GetInt32(1),
                Location = row.IsDBNull(2) ? null : row.GetString(2),
                Body = row.GetFieldValue<byte[]>(3),
                CreatedAt = row.GetFieldValue<DateTimeOffset>(4),
            },
            cancel
        );
        return (holds[0], stored.FirstOrDefault());
    }

    // Two different keys may share a number: then one of two simultaneous requests is told to try again, which is harmless.
    private static long LockOf(Guid userId, string key) =>
        BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{userId} {key}")));
}
