using ClickNBack.Api.Audit;
using ClickNBack.Api.Ledger;
using ClickNBack.Api.Money;
using ClickNBack.Api.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ClickNBack.MigrationService;

/// <summary>
/// Computes the wallets anew from the ledger and compares them with what is stored, or corrects them: user by user, in batches
/// that commit by themselves. Safe while the API serves, as it locks each wallet like everybody else; and safe to kill, as
/// the next run goes on where the last one stopped.
/// </summary>
internal sealed class WalletRebuild(ClickNBackDbContext db, ILogger<WalletRebuild> logger)
{
    /// <summary>How many wallets are locked at a time.</summary>
    public const int BatchSize = 200;

    private const string Correct = $"""
        WITH wrong AS ({WalletComparison.Differences}), corrected AS (
            UPDATE wallets SET pending_balance = pending, available_balance = available, paid_balance = paid, owed_balance = owed
            FROM wrong WHERE wallets.user_id = wrong.user_id
        ), audited AS (
            INSERT INTO audit_logs (id, occurred_at, actor_type, action, resource_type, resource_id, outcome, details)
            SELECT gen_random_uuid(), now(), 'system', '{AuditActions.WalletRebuilt}', 'wallet', user_id, 'success', jsonb_build_object(
                'stored', jsonb_build_object('pending', pending_balance, 'available', available_balance, 'paid', paid_balance, 'owed', owed_balance),
                'rebuilt', jsonb_build_object('pending', pending, 'available', available, 'paid', paid, 'owed', owed))
            FROM wrong
        )
        SELECT * FROM wrong
        """;

    private const string Checkpoint = """
        UPDATE wallet_rebuilds SET last_user_id = $1, examined = examined + $2, corrected = corrected + $3
        WHERE finished_at IS NULL
        """;

    // The worker has opened it, and keeps its lock on it.
    private NpgsqlConnection Owner => (NpgsqlConnection)db.Database.GetDbConnection();

    /// <summary>Compares all wallets and changes nothing; answers how many are wrong.</summary>
    public async Task<long> CompareAsync(TextWriter output, CancellationToken cancel)
    {
        var progress = await BeginAsync(output, examined: 0, cancel);
        var (last, wrong) = (Guid.Empty, 0L);
        while (await NextAsync(last, cancel) is { Length: > 0 } users)
        {
            wrong += await ReportAsync(WalletComparison.Differences, users, output, cancel);
            last = users[^1];
            await progress.AddAsync(users.Length);
        }

        return wrong;
    }

    /// <summary>Corrects all wallets, from where an interrupted run stopped; answers how many this run corrected.</summary>
    public async Task<long> RunAsync(TextWriter output, CancellationToken cancel)
    {
        await ScalarAsync<object>("INSERT INTO wallet_rebuilds DEFAULT VALUES ON CONFLICT DO NOTHING", cancel);
        var last = await ScalarAsync<Guid>(
            "SELECT last_user_id FROM wallet_rebuilds WHERE finished_at IS NULL",
            cancel
        );
        if (last != Guid.Empty)
        {
            logger.LogInformation("Going on after user {User}, where the last rebuild stopped", last);
        }

        var examined = await ScalarAsync<long>(
            "SELECT examined FROM wallet_rebuilds WHERE finished_at IS NULL",
            cancel
        );
        var progress = await BeginAsync(output, examined, cancel);
        var corrected = 0L;
        while (await NextAsync(last, cancel) is { Length: > 0 } users)
        {
            await using var transaction = await Owner.BeginTransactionAsync(cancel);
            await ScalarAsync<object>("SELECT count(*) FROM lock_wallets($1)", cancel, users);

            // A statement after the locks, so that it sees what those who held them have committed.
            var wrong = await ReportAsync(Correct, users, output, cancel);
            last = users[^1];
            await ScalarAsync<object>(Checkpoint, cancel, last, users.LongLength, wrong);
            await transaction.CommitAsync(cancel);
            corrected += wrong;
            await progress.AddAsync(users.Length);
        }

        await ScalarAsync<object>("UPDATE wallet_rebuilds SET finished_at = now() WHERE finished_at IS NULL", cancel);
        return corrected;
    }

    /// <summary>The money invariants that do not hold.</summary>
    public async Task<string[]> BrokenInvariantsAsync(CancellationToken cancel) =>
        await ScalarAsync<string[]>(
            "SELECT coalesce(array_agg(invariant), '{}') FROM money_invariants() WHERE violations <> 0",
            cancel
        ) ?? [];

    // A line for each percent.
    private sealed class Progress(TextWriter output, long all, long examined)
    {
        private long _examined = examined;

        public async Task AddAsync(int count)
        {
            var before = Percent();
            _examined += count;
            if (Percent() > before)
            {
                await output.WriteLineAsync($"{Percent()} %: {_examined} of {all} wallets examined");
            }
        }

        private long Percent() => Math.Min(100, 100 * _examined / Math.Max(1, all));
    }

    private async Task<Progress> BeginAsync(TextWriter output, long examined, CancellationToken cancel) =>
        new(output, await ScalarAsync<long>("SELECT count(*) FROM wallets", cancel), examined);

    private async Task<Guid[]> NextAsync(Guid last, CancellationToken cancel) =>
        await ScalarAsync<Guid[]>(WalletComparison.NextUsers, cancel, last, BatchSize) ?? [];

    private async Task<long> ReportAsync(string sql, Guid[] users, TextWriter output, CancellationToken cancel)
    {
        await using var command = Command(sql, users);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var wrong = 0L;
        while (await reader.ReadAsync(cancel))
        {
            wrong++;
            await output.WriteLineAsync(
                $"user {reader.GetGuid(0)}: pending {Step(1)}, available {Step(2)}, paid {Step(3)}, owed {Step(4)}"
            );
        }

        return wrong;

        string Step(int column)
        {
            var (stored, rebuilt) = (Euro.Text(reader.GetDecimal(column)), Euro.Text(reader.GetDecimal(column + 4)));
            return stored == rebuilt ? stored : $"{stored} -> {rebuilt}";
        }
    }

    private async Task<T?> ScalarAsync<T>(string sql, CancellationToken cancel, params object[] parameters)
    {
        await using var command = Command(sql, parameters);
        return await command.ExecuteScalarAsync(cancel) is T value ? value : default;
    }

    private NpgsqlCommand Command(string sql, params object[] parameters)
    {
        var command = new NpgsqlCommand(sql, Owner) { CommandTimeout = 0 };
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        }

        return command;
    }
}
