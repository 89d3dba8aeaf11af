using System.Globalization;
using System.Text;
using ClickNBack.Api.Ledger;
using ClickNBack.Api.Money;
using ClickNBack.Api.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ClickNBack.Api.Console;

/// <summary>The ledger as a whole: what is in each account, whether the money adds up, and whether wallets say the same.</summary>
internal static class LedgerPages
{
    public const string Path = $"{ConsoleApp.Root}/ledger";

    private const int PartSize = 500; // of a comparison, so that no statement takes long

    internal sealed record Model(TrialBalance? Balance, MoneyCheck? Check);

    public static async Task<IResult> ShowAsync(ClickNBackDbContext db, CancellationToken cancel) =>
        Page.Of<LedgerPage>(
            new Model(
                await TrialBalance.LastAsync(db, cancel),
                await db.MoneyChecks.AsNoTracking().OrderByDescending(it => it.CheckedAt).FirstOrDefaultAsync(cancel)
            )
        );

    public static async Task<IResult> CheckAsync(NpgsqlDataSource database, Flash flash, CancellationToken cancel)
    {
        try
        {
            return flash.Then(
                await TrialBalance.CheckNowAsync(database, cancel)
                    ? null
                    : "They were asked seconds ago, or are being asked right now. Look at the answer below, and try again in a moment.",
                "The money invariants were asked.",
                Path
            );
        }
        catch (PostgresException slow) when (slow.SqlState == PostgresErrorCodes.QueryCanceled)
        {
            return flash.Then(
                "It took too long to ask now: the ledger is large. The job asks by itself, without a limit; come back later.",
                "",
                Path
            );
        }
    }

    /// <summary>Compares every wallet with the ledger and reports as it goes; changes nothing.</summary>
    public static IResult Compare(NpgsqlDataSource database, TimeProvider time, CancellationToken cancel) =>
        TypedResults.Stream(
            async output =>
            {
                await using var report = new StreamWriter(output, new UTF8Encoding(false), leaveOpen: true);
                await report.WriteLineAsync(
                    $"Wallets compared with the ledger, {time.GetUtcNow():yyyy-MM-dd HH:mm} UTC. Nothing is changed."
                );
                var (after, examined, wrong) = (Guid.Empty, 0, 0);
                ComparedWallets part;
                do
                {
                    part = await WalletComparison.CompareAsync(database, after, PartSize, cancel);
                    foreach (var difference in part.Differences)
                    {
                        await report.WriteLineAsync(Line(difference));
                    }

                    (after, examined, wrong) = (part.Last, examined + part.Examined, wrong + part.Differences.Count);
                    await report.WriteLineAsync(
                        string.Create(CultureInfo.InvariantCulture, $"{examined} wallets examined")
                    );
                    await report.FlushAsync(cancel);
                } while (part.Examined == PartSize);

                await report.WriteLineAsync(
                    wrong == 0
                        ? "All of them are the sums of their transfers."
                        : $"{wrong} are wrong. To correct them, run the migration worker's rebuild (docs/runbooks)."
                );
            },
            "text/plain; charset=utf-8"
        );

    private static string Line(WalletDifference it) =>
        $"user {it.UserId}: pending {Step(it.Stored.Pending, it.Rebuilt.Pending)}, available {Step(it.Stored.Available, it.Rebuilt.Available)}, "
        + $"paid {Step(it.Stored.Paid, it.Rebuilt.Paid)}, owed {Step(it.Stored.Owed, it.Rebuilt.Owed)}";

    private static string Step(decimal stored, decimal rebuilt) =>
        stored == rebuilt ? Euro.Text(stored) : $"{Euro.Text(stored)} -> {Euro.Text(rebuilt)}";
}
