using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ClickNBack.Api.Reports;

/// <summary>
/// The signature of a message by Standard Webhooks 1.0: HMAC-SHA256 over identifier, timestamp and body as they were sent. (The
/// package of that name asks the machine's clock and reads the body as text.)
/// </summary>
internal static class WebhookSignature
{
    /// <summary>How far the sender's clock may be from ours; an older message may be somebody's who overheard it.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>How a secret begins as text; base64 follows.</summary>
    public const string SecretPrefix = "whsec_";

    private const string Version = "v1,";

    /// <summary>Whether one of the secrets signed the message, and not too long ago.</summary>
    public static bool IsValid(
        IHeaderDictionary headers,
        ReadOnlySpan<byte> body,
        DateTimeOffset now,
        List<byte[]> secrets
    )
    {
        if (
            headers["webhook-id"] is not [{ Length: > 0 } id]
            || headers["webhook-timestamp"] is not [{ } timestamp]
            || headers["webhook-signature"] is not [{ } signatures]
            || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || Math.Abs(now.ToUnixTimeSeconds() - seconds) > Tolerance.TotalSeconds
        )
        {
            return false;
        }

        byte[] content = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        var expected = secrets.ConvertAll(secret => HMACSHA256.HashData(secret, content));
        foreach (var signature in signatures.Split(' '))
        {
            var given = new byte[HMACSHA256.HashSizeInBytes];
            if (
                signature.StartsWith(Version, StringComparison.Ordinal)
                && Convert.TryFromBase64String(signature[Version.Length..], given, out var length)
                && expected.Exists(it => CryptographicOperations.FixedTimeEquals(it, given.AsSpan(0, length)))
            )
            {
                return true;
            }
        }

        return false;
    }
}
