using ClickNBack.Api.Persistence;
using Npgsql;

namespace ClickNBack.Api.Ledger;

/// <summary>A wallet that is not the sum of its transfers.</summary>
/// <param name="UserId">Whose it is.</param>
/// <param name="Stored">What is stored: pending, available, paid, owed; EUR.</param>
/// <param name="Rebuilt">What the ledger says, in the same order.</param>
internal sealed record WalletDifference(
    Guid UserId,
    (decimal Pending, decimal Available, decimal Paid, decimal Owed) Stored,
    (decimal Pending, decimal Available, decimal Paid, decimal Owed) Rebuilt
);

/// <summary>What a part of a comparison found.</summary>
/// <param name="Last">The last user whose wallet was examined: where the next part begins.</param>
/// <param name="Examined">How many wallets were examined; less than asked for at the end.</param>
/// <param name="Differences">The wrong ones.</param>
internal sealed record ComparedWallets(Guid Last, int Examined, IReadOnlyList<WalletDifference> Differences);

/// <summary>Compares wallets with the ledger, in the order of their users, and changes nothing.</summary>
internal static class WalletComparison
{
    /// <summary>The next users who have a wallet or should have one: after $1, at most $2.</summary>
    public const string NextUsers = """
        SELECT coalesce(array_agg(id ORDER BY id), '{}') FROM (
            SELECT id FROM users
            WHERE id > $1 AND (EXISTS (SELECT 1 FROM wallets WHERE user_id = id) OR EXISTS (SELECT 1 FROM transfers WHERE user_id = id))
            ORDER BY id LIMIT $2) AS batch
        """;

    /// <summary>Those of the users $1 whose wallet is wrong: balances as they are stored, then as the ledger says.</summary>
    public const string Differences = """
        SELECT user_id,
               coalesce(pending_balance, 0) AS pending_balance, coalesce(available_balance, 0) AS available_balance,
               coalesce(paid_balance, 0) AS paid_balance, coalesce(owed_balance, 0) AS owed_balance,
               coalesce(pending, 0) AS pending, coalesce(available, 0) AS available, coalesce(paid, 0) AS paid, coalesce(owed, 0) AS owed
        FROM (SELECT * FROM wallets WHERE user_id = ANY ($1)) AS stored
        FULL JOIN (SELECT * FROM wallets_by_transfers WHERE user_id = ANY ($1)) AS rebuilt USING (user_id)
        WHERE (coalesce(pending_balance, 0), coalesce(available_balance, 0), coalesce(paid_balance, 0), coalesce(owed_balance, 0))
            <> (coalesce(pending, 0), coalesce(available, 0), coalesce(paid, 0), coalesce(owed, 0))
        """;

    /// <summary>Compares the wallets of the next users.</summary>
    public static async Task<ComparedWallets> CompareAsync(
        NpgsqlDataSource database,
        Guid after,
        int limit,
        CancellationToken cancel
    )
    {
        await using var next = database.CreateCommand(NextUsers);
        next.Parameters.AddValue(after).AddValue(limit);
        var users = (Guid[])(await next.ExecuteScalarAsync(cancel))!;
        await using var compare = database.CreateCommand(Differences);
        compare.Parameters.AddValue(users);
        await using var reader = await compare.ExecuteReaderAsync(cancel);
        var differences = await reader.ReadAllAsync(
            row => new WalletDifference(row.GetGuid(0), Balances(row, 1), Balances(row, 5)),
            cancel
        );
        return new ComparedWallets(users is [.., var last] ? last : after, users.Length, differences);
    }

    private static (decimal Pending, decimal Available, decimal Paid, decimal Owed) Balances(
        NpgsqlDataReader row,
        int first
    ) => (row.GetDecimal(first), row.GetDecimal(first + 1), row.GetDecimal(first + 2), row.GetDecimal(first + 3));
}
