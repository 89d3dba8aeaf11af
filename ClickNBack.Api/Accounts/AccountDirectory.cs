using ClickNBack.Api.Ledger;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Npgsql;

namespace ClickNBack.Api.Accounts;

/// <summary>An account, with what is in its wallet.</summary>
/// <param name="Id">The account.</param>
/// <param name="Email">As given; of an erased one, its identifier.</param>
/// <param name="NormalizedEmail">What the directory is sorted by.</param>
/// <param name="Role">What it may do.</param>
/// <param name="Active">Whether it may be used at all.</param>
/// <param name="CreatedAt">When it was made, UTC.</param>
/// <param name="ErasedAt">When it was erased, UTC; or null.</param>
/// <param name="Pending">EUR.</param>
/// <param name="Available">EUR.</param>
/// <param name="Paid">EUR.</param>
/// <param name="Owed">EUR.</param>
internal sealed record DirectoryEntry(
    Guid Id,
    string Email,
    string NormalizedEmail,
    Role Role,
    bool Active,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ErasedAt,
    decimal Pending,
    decimal Available,
    decimal Paid,
    decimal Owed
);

/// <summary>A movement of a user's money.</summary>
/// <param name="Movement">What happened.</param>
/// <param name="From">What it left.</param>
/// <param name="To">What it entered.</param>
/// <param name="Amount">EUR.</param>
/// <param name="PurchaseId">Whose cashback it is; null for a payout.</param>
/// <param name="PayoutId">Which payout it is; null for cashback.</param>
/// <param name="OccurredAt">When, UTC.</param>
internal sealed record TransferEntry(
    Movement Movement,
    Account From,
    Account To,
    decimal Amount,
    Guid? PurchaseId,
    Guid? PayoutId,
    DateTimeOffset OccurredAt
);

/// <summary>A login that can be refreshed, or could.</summary>
/// <param name="StartedAt">When the login was, UTC.</param>
/// <param name="LastUsedAt">When its last refresh token was issued, UTC.</param>
/// <param name="ExpiresAt">Until when it can be refreshed, UTC.</param>
/// <param name="RevokedAt">When it was ended before that, UTC; or null.</param>
internal sealed record Session(
    DateTimeOffset StartedAt,
    DateTimeOffset LastUsedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? RevokedAt
);

/// <summary>Finds accounts and what belongs to them.</summary>
internal sealed class AccountDirectory(NpgsqlDataSource database)
{
    /// <summary>How many sessions and transfers of an account are shown at most: the latest.</summary>
    public const int MaxDetails = 50;

    // What a prefix can be followed by sorts before this: e-mails are compared by their bytes.
    private const string Last = "\U0010FFFF";

    private const string Columns = """
        SELECT id, email, normalized_email, role, active, created_at, erased_at, coalesce(pending_balance, 0),
               coalesce(available_balance, 0), coalesce(paid_balance, 0), coalesce(owed_balance, 0)
        FROM users LEFT JOIN wallets ON user_id = id
        """;

    /// <summary>Accounts whose e-mail starts with a text, in its order: a page of them.</summary>
    /// <param name="prefix">How the e-mail starts, in any case; empty for all.</param>
    /// <param name="after">The normalized e-mail of the last entry of the page before; empty for the first page.</param>
    /// <param name="limit">How many.</param>
    /// <param name="cancel">Gives up.</param>
    public Task<List<DirectoryEntry>> FindAsync(string prefix, string after, int limit, CancellationToken cancel)
    {
        var from = prefix.ToUpperInvariant();
        return ReadAsync(
            $"{Columns} WHERE normalized_email >= $1 AND normalized_email < $2 AND normalized_email > $3 ORDER BY normalized_email LIMIT $4",
            it => it.AddValue(from).AddValue(from + Last).AddValue(after).AddValue(limit),
            Entry,
            cancel
        );
    }

    /// <summary>The account, or null.</summary>
    public async Task<DirectoryEntry?> GetAsync(Guid id, CancellationToken cancel) =>
        (await ReadAsync($"{Columns} WHERE id = $1", it => it.AddValue(id), Entry, cancel)).SingleOrDefault();

    /// <summary>The latest movements of a user's money.</summary>
    public Task<List<TransferEntry>> TransfersAsync(Guid userId, CancellationToken cancel) =>
        ReadAsync(
            """
            SELECT movement, from_account, to_account, amount, purchase_id, payout_id, occurred_at FROM transfers
            WHERE user_id = $1 ORDER BY occurred_at DESC, subject_id, movement LIMIT $2
            """,
            it => it.AddValue(userId).AddValue(MaxDetails),
            row => new TransferEntry(
                row.GetChoice<Movement>(0),
                row.GetChoice<Account>(1),
                row.GetChoice<Account>(2),
                row.GetDecimal(3),
                row.IsDBNull(4) ? null : row.GetGuid(4),
                row.IsDBNull(5) ? null : row.GetGuid(5),
                row.GetFieldValue<DateTimeOffset>(6)
            ),
            cancel
        );

    /// <summary>The latest sessions of a user.</summary>
    public Task<List<Session>> SessionsAsync(Guid userId, CancellationToken cancel) =>
        ReadAsync(
            """
            SELECT family.created_at, issued_at, expires_at, revoked_at
            FROM (SELECT * FROM refresh_token_families WHERE user_id = $1 ORDER BY created_at DESC, id LIMIT $2) AS family
            CROSS JOIN LATERAL (
                SELECT issued_at, expires_at FROM refresh_tokens WHERE family_id = family.id ORDER BY rotation_count DESC LIMIT 1
            ) AS token
            ORDER BY family.created_at DESC
            """,
            it => it.AddValue(userId).AddValue(MaxDetails),
            row => new Session(
                row.GetFieldValue<DateTimeOffset>(0),
                row.GetFieldValue<DateTimeOffset>(1),
                row.GetFieldValue<DateTimeOffset>(2),
                row.IsDBNull(3) ? null : row.GetFieldValue<DateTimeOffset>(3)
            ),
            cancel
        );

    private static DirectoryEntry Entry(NpgsqlDataReader row) =>
        new(
            row.GetGuid(0),
            row.GetString(1),
            row.GetString(2),
            row.GetChoice<Role>(3),
            row.GetBoolean(4),
            row.GetFieldValue<DateTimeOffset>(5),
            row.IsDBNull(6) ? null : row.GetFieldValue<DateTimeOffset>(6),
            row.GetDecimal(7),
            row.GetDecimal(8),
            row.GetDecimal(9),
            row.GetDecimal(10)
        );

    private Task<List<T>> ReadAsync<T>(
        string sql,
        Action<NpgsqlParameterCollection> parameters,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancel
    ) =>
        database.ReadAsync(async () =>
        {
            await using var command = database.CreateCommand(sql);
            parameters(command.Parameters);
            await using var reader = await command.ExecuteReaderAsync(cancel);
            return await reader.ReadAllAsync(read, cancel);
        });
}
