using System.Globalization;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Identity;

namespace ClickNBack.Api.Users;

/// <summary>
/// Hashes and verifies passwords in one spelling (RFC 8265, OpaqueString): a keyboard that composes accents and one that does
/// not give the same password.
/// </summary>
internal sealed class Passwords(ClickNBackDbContext db, IPasswordHasher<User> hasher)
{
    /// <summary>The password as it is judged and hashed: composed, with any space as the usual one.</summary>
    public ValueTask<string> PrepareAsync(string password, CancellationToken cancel) =>
        db.ComposeAsync(
            string.Concat(
                password.Select(it => char.GetUnicodeCategory(it) is UnicodeCategory.SpaceSeparator ? ' ' : it)
            ),
            cancel
        );

    /// <summary>Hashes a password that was prepared.</summary>
    public string Hash(string prepared) => hasher.HashPassword(null!, prepared); // it never looks at the user

    /// <summary>Whether the hash is the password's: prepared or, in accounts older than that, as it is typed.</summary>
    public async Task<bool> VerifyAsync(string hash, string password, CancellationToken cancel)
    {
        var prepared = await PrepareAsync(password, cancel);
        return IsOf(hash, prepared) || (prepared != password && IsOf(hash, password));
    }

    private bool IsOf(string hash, string password) =>
        hasher.VerifyHashedPassword(null!, hash, password) != PasswordVerificationResult.Failed;
}
