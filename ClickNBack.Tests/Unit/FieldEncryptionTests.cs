using System.Security.Cryptography;
using System.Text;
using ClickNBack.Api.Persistence;

namespace ClickNBack.Tests.Unit;

public sealed class FieldEncryptionTests
{
    private const string Field = "accounts.number";
    private static readonly Guid Row = new("0193f2a0-0000-7000-8000-000000000001");
    private static readonly byte[] Plain = Encoding.UTF8.GetBytes("DE89 3704 0044 0532 0130 00");

    private readonly FieldEncryption _encryption = With(new string('a', 32));

    [Fact]
    public void What_is_encrypted_is_read_again_and_looks_different_each_time()
    {
        var once = _encryption.Encrypt(Field, Row, Plain);
        var twice = _encryption.Encrypt(Field, Row, Plain);

        Assert.Equal(Plain, _encryption.Decrypt(Field, Row, once));
        Assert.Equal(Plain, _encryption.Decrypt(Field, Row, twice));
        Assert.NotEqual(once, twice);
        Assert.DoesNotContain("3704", Encoding.Latin1.GetString(once), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_encrypted_and_read_again()
    {
        Assert.Empty(_encryption.Decrypt(Field, Row, _encryption.Encrypt(Field, Row, [])));
    }

    [Fact]
    public void Copied_to_another_row_or_column_it_cannot_be_read()
    {
        var sealedField = _encryption.Encrypt(Field, Row, Plain);

        Assert.ThrowsAny<CryptographicException>(() => _encryption.Decrypt(Field, Guid.Empty, sealedField));
        Assert.ThrowsAny<CryptographicException>(() => _encryption.Decrypt("accounts.name", Row, sealedField));
    }

    [Fact]
    public void Whichever_byte_is_changed_it_cannot_be_read()
    {
        var sealedField = _encryption.Encrypt(Field, Row, Plain);
        for (var index = 0; index < sealedField.Length; index++)
        {
            var changed = sealedField.ToArray();
            changed[index] ^= 1;
            Assert.ThrowsAny<CryptographicException>(() => _encryption.Decrypt(Field, Row, changed));
        }
    }

    [Fact]
    public void After_a_rotation_the_old_is_still_read_and_the_new_needs_the_new_key()
    {
        var old = _encryption.Encrypt(Field, Row, Plain);
        var rotated = With(new string('b', 32), new string('a', 32));
        var over = With(new string('b', 32));

        Assert.Equal(Plain, rotated.Decrypt(Field, Row, old));
        Assert.Equal(Plain, over.Decrypt(Field, Row, rotated.Encrypt(Field, Row, Plain)));
        var lost = Assert.ThrowsAny<CryptographicException>(() => over.Decrypt(Field, Row, old));
        Assert.Contains(Field, lost.Message, StringComparison.Ordinal);
    }

    private static FieldEncryption With(string key, string previous = "") =>
        new(new EncryptionSettings { Key = key, PreviousKey = previous });
}
