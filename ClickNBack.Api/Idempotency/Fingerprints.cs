using System.Security.Cryptography;
using System.Text;
using ClickNBack.Api.Persistence;

namespace ClickNBack.Api.Idempotency;

/// <summary>
/// What an idempotency key stands for: a keyed hash (HMAC-SHA-256) of route and body. Without the key of the settings, nobody who
/// reads the database can try which card number or IBAN was in a body. Laid out as the key's identifier (8 bytes), hash (32).
/// </summary>
internal sealed class Fingerprints(EncryptionSettings settings)
{
    /// <summary>The length of a fingerprint, in bytes.</summary>
    public const int Length = IdentifierLength + HMACSHA256.HashSizeInBytes;

    private const int IdentifierLength = 8;

    private sealed record FingerprintKey(byte[] Identifier, byte[] Secret);

    private readonly List<FingerprintKey> _keys =
    [
        .. new[] { settings.Key, settings.PreviousKey }.Where(it => it.Length > 0).Select(Derive),
    ];

    /// <summary>The fingerprint of a request.</summary>
    public byte[] Of(string method, string path, ReadOnlySpan<byte> body) => Of(_keys[0], method, path, body);

    /// <summary>
    /// Whether a fingerprint is the request's. Null if its key is not among ours: it was made by a process that was started after
    /// a rotation, which knows.
    /// </summary>
    public bool? Matches(byte[] fingerprint, string method, string path, ReadOnlySpan<byte> body) =>
        _keys.Find(it => fingerprint.AsSpan().StartsWith(it.Identifier)) is { } key
            ? CryptographicOperations.FixedTimeEquals(fingerprint, Of(key, method, path, body))
            : null;

    private static byte[] Of(FingerprintKey key, string method, string path, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key.Secret);
        hash.AppendData(Encoding.UTF8.GetBytes($"{method} {path.TrimEnd('/')}\n"));
        hash.AppendData(body);
        return [.. key.Identifier, .. hash.GetHashAndReset()];
    }

    private static FingerprintKey Derive(string setting)
    {
        return new(Derive("identifier", IdentifierLength), Derive("hash", HMACSHA256.HashSizeInBytes));

        byte[] Derive(string purpose, int length) =>
            HKDF.DeriveKey(
                HashAlgorithmName.SHA256,
                Encoding.UTF8.GetBytes(setting),
                length,
                info: Encoding.UTF8.GetBytes($"clicknback fingerprint {purpose}")
            );
    }
}
