using System.Text.Json;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ClickNBack.Api.Ledger;

/// <summary>What was ever booked into an account and out of it, EUR.</summary>
/// <param name="Account">The account.</param>
/// <param name="Debit">What entered it.</param>
/// <param name="Credit">What left it.</param>
internal sealed record AccountTurnover(Account Account, decimal Debit, decimal Credit)
{
    /// <summary>What is in it.</summary>
    public decimal Balance => Debit - Credit;
}

/// <summary>The trial balance: all accounts, at an instant. Debit and credit are the same, or money is wrong.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="Accounts">Every account, in the order in which money passes through them.</param>
internal sealed record TrialBalance(DateTimeOffset At, IReadOnlyList<AccountTurnover> Accounts)
{
    /// <summary>Of all accounts, EUR.</summary>
    public decimal Debit => Accounts.Sum(it => it.Debit);

    /// <summary>Of all accounts, EUR.</summary>
    public decimal Credit => Accounts.Sum(it => it.Credit);

    private sealed record Booked(decimal Debit, decimal Credit);

    /// <summary>The trial balance of the last check that asked about everybody, or null before the first one.</summary>
    public static async Task<TrialBalance?> LastAsync(ClickNBackDbContext db, CancellationToken cancel)
    {
        var check = await db
            .MoneyChecks.AsNoTracking()
            .Where(it => it.Accounts != null)
            .OrderByDescending(it => it.CheckedAt)
            .FirstOrDefaultAsync(cancel);
        if (check is null)
        {
            return null;
        }

        var booked = JsonSerializer.Deserialize<Dictionary<string, Booked>>(check.Accounts!, Json.Options)!;
        return new TrialBalance(
            check.CheckedAt,
            [
                .. Enum.GetValues<Account>()
                    .Select(account =>
                        booked.TryGetValue(Json.Name(account), out var it)
                            ? new AccountTurnover(account, it.Debit, it.Credit)
                            : new AccountTurnover(account, 0, 0)
                    ),
            ]
        );
    }

    /// <summary>
    /// Asks the money invariants now; answers whether it did: they may have been asked seconds ago, or be asked by another process.
    /// In a large ledger about everybody whose money has moved since the last night, else about all.
    /// </summary>
    public static async Task<bool> CheckNowAsync(NpgsqlDataSource database, CancellationToken cancel)
    {
        await using var command = database.CreateCommand("SELECT check_money('10 seconds')");
        return await command.ExecuteScalarAsync(cancel) is true;
    }
}
