using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace ClickNBack.MigrationService.Seeding;

/// <summary>Makes the administrator named by the configuration. An account that exists stays as it is.</summary>
internal sealed class AdministratorSeed(ClickNBackDbContext db, TimeProvider time, ILogger<AdministratorSeed> logger)
{
    /// <summary>Makes the account if it is missing.</summary>
    /// <param name="email">A valid e-mail.</param>
    /// <param name="password">The first password.</param>
    /// <param name="cancel">Cancels.</param>
    public async Task RunAsync(string email, string password, CancellationToken cancel)
    {
        if (await EmailAddress.ComposeAsync(db, email, cancel) is not { } address)
        {
            throw new ArgumentException("Not an e-mail address.", nameof(email));
        }

        if (await db.Users.AnyAsync(it => it.NormalizedEmail == address.Normalized, cancel))
        {
            logger.LogInformation("The administrator has an account already");
            return;
        }

        var passwords = new Passwords(db, new PasswordHasher<User>());
        var now = time.GetUtcNow();
        db.Users.Add(
            new User
            {
                Id = Guid.CreateVersion7(now),
                Email = address.Address,
                NormalizedEmail = address.Normalized,
                PasswordHash = passwords.Hash(await passwords.PrepareAsync(password, cancel)),
                Role = Role.Admin,
                CreatedAt = now,
            }
        );
        await db.SaveChangesAsync(cancel);
        logger.LogInformation("Made the administrator's account");
    }
}
