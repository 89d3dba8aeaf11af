using System.Collections.Concurrent;
using ClickNBack.Api.Persistence;

namespace ClickNBack.Api.Reports;

/// <summary>
/// Opens secrets of merchants. One whose key is not configured any more signs nothing: that is an error of ours, said once, and
/// none of whoever sends a message.
/// </summary>
internal sealed class WebhookSecretVault(FieldEncryption encryption, ILogger<WebhookSecretVault> logger)
{
    private readonly ConcurrentDictionary<Guid, bool> _unreadable = [];

    /// <summary>The secret in clear; null if no key that is configured opens it.</summary>
    public byte[]? Open(WebhookSecret secret)
    {
        if (encryption.CanDecrypt(secret.Ciphertext))
        {
            return encryption.Decrypt(WebhookSecret.EncryptedField, secret.Id, secret.Ciphertext);
        }

        if (_unreadable.TryAdd(secret.Id, true))
        {
            logger.LogError(
                "The secret {Secret} of merchant {Merchant} was encrypted with a key that is neither Encryption:Key nor "
                    + "Encryption:PreviousKey, and its messages are refused: configure that key as the previous one, or revoke the "
                    + "secret and make the merchant a new one",
                secret.Id,
                secret.MerchantId
            );
        }

        return null;
    }
}
