using System.Security.Cryptography;
using System.Text;

namespace ClickNBack.MerchantSimulator;

/// <summary>A message by Standard Webhooks 1.0, from its sender's side.</summary>
internal static class StandardWebhook
{
    private const string SecretPrefix = "whsec_";

    /// <summary>The headers of a message.</summary>
    /// <param name="secret">As the platform showed it: <c>whsec_</c> and base64.</param>
    /// <param name="id">The sender's identifier; the same for each repetition.</param>
    /// <param name="sentAt">Now.</param>
    /// <param name="body">What is sent, to the byte.</param>
    public static (string Name, string Value)[] Headers(string secret, string id, DateTimeOffset sentAt, string body)
    {
        var timestamp = $"{sentAt.ToUnixTimeSeconds()}";
        var signature = HMACSHA256.HashData(
            Convert.FromBase64String(secret[SecretPrefix.Length..]),
            Encoding.UTF8.GetBytes($"{id}.{timestamp}.{body}")
        );
        return
        [
            ("webhook-id", id),
            ("webhook-timestamp", timestamp),
            ("webhook-signature", $"v1,{Convert.ToBase64String(signature)}"),
        ];
    }
}
