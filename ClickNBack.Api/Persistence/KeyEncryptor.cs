using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ClickNBack.Api.Persistence;

/// <summary>Encrypts the keys of cookies like any other field that the database must not show.</summary>
internal sealed class KeyEncryptor(FieldEncryption encryption) : IXmlEncryptor
{
    internal const string Field = "data_protection_keys.xml";

    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        // The key's row is not known yet; what is bound is the field alone.
        var plain = Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
        var sealedKey = encryption.Encrypt(Field, Guid.Empty, plain);
        return new(new XElement("sealed", Convert.ToBase64String(sealedKey)), typeof(KeyDecryptor));
    }
}

/// <summary>The other way; found by its name, which stands beside the key.</summary>
internal sealed class KeyDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement) =>
        XElement.Parse(
            Encoding.UTF8.GetString(
                services
                    .GetRequiredService<FieldEncryption>()
                    .Decrypt(KeyEncryptor.Field, Guid.Empty, Convert.FromBase64String(encryptedElement.Value))
            )
        );
}

internal sealed class DataProtectionKeyMapping : IEntityTypeConfiguration<DataProtectionKey>
{
    public void Configure(EntityTypeBuilder<DataProtectionKey> key) => key.ToTable("data_protection_keys");
}
