using ClickNBack.Api.Persistence;
using ClickNBack.Api.Purchases;
using ClickNBack.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Status;

/// <summary>Tells administrators how the platform is doing.</summary>
internal static class GetStatus
{
    public static async Task<Ok<SystemStatusResponse>> HandleAsync(
        ClickNBackDbContext db,
        BuildInfo build,
        VerificationOptions verification,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        var now = time.GetUtcNow();
        var pending = db.Purchases.Where(it => it.Status == PurchaseStatus.Pending);
        var check = await db
            .MoneyChecks.AsNoTracking()
            .OrderByDescending(it => it.CheckedAt)
            .FirstOrDefaultAsync(cancel);
        return TypedResults.Ok(
            new SystemStatusResponse(
                build.Version,
                build.Commit,
                (long)(now - build.StartedAt).TotalSeconds,
                await db
                    .Database.SqlQuery<string>($"""SELECT current_setting('server_version') AS "Value" """)
                    .SingleAsync(cancel),
                await db
                    .Database.SqlQuery<string>(
                        $"""SELECT max("MigrationId") AS "Value" FROM "__EFMigrationsHistory" """
                    )
                    .SingleAsync(cancel),
                SchemaVersion.Expected,
                verification.Mode,
                await pending.LongCountAsync(cancel),
                verification.Mode == VerificationMode.Manual
                    ? 0
                    : await pending.LongCountAsync(it => it.NextVerificationAt < now, cancel),
                check?.LedgerImbalance,
                check?.ViolationsByInvariant(),
                check?.CheckedAt
            )
        );
    }
}
