using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using ClickNBack.ServiceDefaults;

namespace ClickNBack.Api.Persistence;

/// <summary>Settings of section <c>Encryption</c>.</summary>
internal sealed record EncryptionSettings
{
    /// <summary>Encrypts what the database must not show: at least 32 characters of randomness.</summary>
    [Required, MinLength(32), Secret]
    public string Key { get; init; } = "";

    /// <summary>The key before a rotation: still decrypts, no longer encrypts. Empty: none.</summary>
    [RegularExpression("(?s).{32,}", ErrorMessage = "at least 32 characters, or nothing"), Secret]
    public string PreviousKey { get; init; } = "";
}

/// <summary>
/// Encrypts single fields (AES-256-GCM), so that neither a copy of the database nor its owner can read them. A ciphertext is
/// bound to what it is and to the row it belongs to: copied elsewhere it does not decrypt. Laid out as key's identifier (8 bytes),
/// nonce (12), ciphertext, tag (16).
/// </summary>
internal sealed class FieldEncryption(EncryptionSettings settings)
{
    private const int IdentifierLength = 8;
    private static readonly int NonceLength = AesGcm.NonceByteSizes.MaxSize;
    private static readonly int TagLength = AesGcm.TagByteSizes.MaxSize;

    private readonly List<EncryptionKey> _keys =
    [
        .. new[] { settings.Key, settings.PreviousKey }.Where(it => it.Length > 0).Select(EncryptionKey.Of),
    ];

    /// <summary>Encrypts a field of a row.</summary>
    /// <param name="field">What it is, as <c>table.column</c>.</param>
    /// <param name="row">The identifier of the row.</param>
    /// <param name="plain">What is encrypted.</param>
    public byte[] Encrypt(string field, Guid row, ReadOnlySpan<byte> plain)
    {
        var key = _keys[0];
        var sealedField = new byte[IdentifierLength + NonceLength + plain.Length + TagLength];
        key.Identifier.CopyTo(sealedField, 0);
        var nonce = sealedField.AsSpan(IdentifierLength, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        var rest = sealedField.AsSpan(IdentifierLength + NonceLength);
        using var aes = new AesGcm(key.Secret, TagLength);
        aes.Encrypt(nonce, plain, rest[..plain.Length], rest[plain.Length..], AssociatedData(field, row));
        return sealedField;
    }

    /// <summary>Whether it was encrypted with the current or the previous key.</summary>
    public bool CanDecrypt(ReadOnlySpan<byte> sealedField)
    {
        var identifier = sealedField[..IdentifierLength].ToArray();
        return _keys.Exists(it => it.Identifier.AsSpan().SequenceEqual(identifier));
    }

    /// <summary>Decrypts it.</summary>
    /// <exception cref="CryptographicException">It was encrypted with another key, or is not this field of this row.</exception>
    public byte[] Decrypt(string field, Guid row, ReadOnlySpan<byte> sealedField)
    {
        var identifier = sealedField[..IdentifierLength].ToArray();
        var key =
            _keys.Find(it => it.Identifier.AsSpan().SequenceEqual(identifier))
            ?? throw new CryptographicException(
                $"The key of {field} in {row} is neither the current nor the previous one."
            );
        var nonce = sealedField.Slice(IdentifierLength, NonceLength);
        var ciphertext = sealedField[(IdentifierLength + NonceLength)..^TagLength];
        var plain = new byte[ciphertext.Length];
        using var aes = new AesGcm(key.Secret, TagLength);
        aes.Decrypt(nonce, ciphertext, sealedField[^TagLength..], plain, AssociatedData(field, row));
        return plain;
    }

    /// <summary>
    /// What a text of an owner is known again by, without the text: of the current key, and of the previous one. Whoever has no
    /// key can neither make one nor compare two owners.
    /// </summary>
    /// <param name="field">What it is, as <c>table.column</c>.</param>
    /// <param name="owner">Whose it is.</param>
    /// <param name="text">What is to be known again.</param>
    public byte[][] Fingerprints(string field, Guid owner, string text) =>
        [
            .. _keys.Select(it =>
                HMACSHA256.HashData(
                    it.Fingerprinting,
                    (byte[])[.. AssociatedData(field, owner), .. Encoding.UTF8.GetBytes(text)]
                )
            ),
        ];

    private static byte[] AssociatedData(string field, Guid row) =>
        [.. Encoding.UTF8.GetBytes(field), .. row.ToByteArray()];

    private sealed record EncryptionKey(byte[] Identifier, byte[] Secret, byte[] Fingerprinting)
    {
        private const int SecretLength = 32;

        public static EncryptionKey Of(string setting)
        {
            var material = Encoding.UTF8.GetBytes(setting);
            return new(
                Derive("identifier", IdentifierLength),
                Derive("encryption", SecretLength),
                Derive("fingerprint", SecretLength)
            );

            byte[] Derive(string purpose, int length) =>
                HKDF.DeriveKey(
                    HashAlgorithmName.SHA256,
                    material,
                    length,
                    info: Encoding.UTF8.GetBytes($"clicknback field {purpose}")
                );
        }
    }
}
