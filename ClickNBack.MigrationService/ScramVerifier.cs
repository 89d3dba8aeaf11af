using System.Security.Cryptography;
using System.Text;

namespace ClickNBack.MigrationService;

/// <summary>What PostgreSQL keeps of a password (RFC 5803). Made here, so that the password itself is never sent.</summary>
internal static class ScramVerifier
{
    private const int Iterations = 4096; // PostgreSQL's own default; each new connection pays for them
    private const int SaltBytes = 16;

    /// <summary>A verifier with a new salt.</summary>
    /// <param name="password">Printable ASCII characters only: others would have to be normalised first.</param>
    public static string Of(string password) => Of(password, RandomNumberGenerator.GetBytes(SaltBytes));

    internal static string Of(string password, byte[] salt)
    {
#pragma warning disable S5344 // more would protect a password that somebody can guess, and this one is random
        var salted = Rfc2898DeriveBytes.Pbkdf2(
            Encoding.ASCII.GetBytes(password),
            salt,
            Iterations,
            HashAlgorithmName.SHA256,
            SHA256.HashSizeInBytes
        );
#pragma warning restore S5344
        var stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var server = HMACSHA256.HashData(salted, "Server Key"u8);
        return $"SCRAM-SHA-256${Iterations}:{Convert.ToBase64String(salt)}${Convert.ToBase64String(stored)}:{Convert.ToBase64String(server)}";
    }
}
