using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ClickNBack.Api.Persistence;

/// <summary>Saving what a concurrent request may have made impossible.</summary>
internal static class Saving
{
    /// <summary>
    /// Saves, unless the named constraint refuses: then nothing is saved, the changes are forgotten and the answer is false.
    /// For the constraints that decide races; the violation of any other is a bug and throws.
    /// </summary>
    public static async Task<bool> TrySaveAsync(
        this ClickNBackDbContext db,
        string constraint,
        CancellationToken cancel
    )
    {
        try
        {
            await db.SaveChangesAsync(cancel);
            return true;
        }
        catch (DbUpdateException exception)
            when (exception.InnerException is PostgresException { ConstraintName: { } violated }
                && violated == constraint
            )
        {
            db.ChangeTracker.Clear();
            return false;
        }
    }
}
