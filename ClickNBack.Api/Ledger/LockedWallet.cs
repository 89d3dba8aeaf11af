using ClickNBack.Api.Persistence;
using Npgsql;

namespace ClickNBack.Api.Ledger;

/// <summary>
/// A wallet whose row this transaction has locked, with the balances as they will be once the transaction commits.
/// </summary>
internal sealed class LockedWallet
{
    public required Guid UserId { get; init; }

    /// <summary>Cashback of purchases that are not verified yet, EUR.</summary>
    public required decimal Pending { get; init; }

    /// <summary>What can be withdrawn, EUR.</summary>
    public decimal Available { get; internal set; }

    /// <summary>What is owed, EUR.</summary>
    public decimal Owed { get; internal set; }

    /// <summary>
    /// The statement that locks the wallets of users until the end of the transaction, in an order that cannot deadlock, and
    /// makes those that do not exist: a function of the database, as the API's role has no right to write wallets.
    /// </summary>
    /// <param name="users">An expression for an array of users.</param>
    /// <param name="parameters">Its parameters.</param>
    public static NpgsqlBatchCommand Lock(string users, Action<NpgsqlParameterCollection> parameters)
    {
        var command = new NpgsqlBatchCommand(
            $"SELECT user_id, pending_balance, available_balance, owed_balance FROM lock_wallets({users})"
        );
        parameters(command.Parameters);
        return command;
    }

    public static NpgsqlBatchCommand Lock(Guid userId) => Lock("ARRAY[$1]", it => it.AddValue(userId));

    /// <summary>Reads what <see cref="Lock(Guid)"/> answers.</summary>
    public static LockedWallet Read(NpgsqlDataReader row) =>
        new()
        {
            UserId = row.GetGuid(0),
            Pending = row.GetDecimal(1),
            Available = row.GetDecimal(2),
            Owed = row.GetDecimal(3),
        };
}
