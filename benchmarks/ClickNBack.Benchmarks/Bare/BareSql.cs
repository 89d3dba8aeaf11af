using Npgsql;

namespace ClickNBack.Benchmarks.Bare;

/// <summary>
/// The SQL that the API sends, statement by statement (`--statements` shows both side by side), by hand: same texts, same
/// transactions, same round trips, same connection settings.
/// </summary>
internal sealed class BareSql(NpgsqlDataSource db)
{
    public readonly record struct Account(bool Active, string Role);

    public readonly record struct Wallet(decimal Pending, decimal Available, decimal Paid, decimal Owed);

    public readonly record struct Offer(
        Guid Id,
        string Merchant,
        string Type,
        decimal Value,
        decimal MonthlyCap,
        DateOnly Start,
        DateOnly End
    );

    public readonly record struct Purchase(
        Guid Id,
        string Merchant,
        decimal Amount,
        string Status,
        decimal Cashback,
        string CashbackStatus,
        DateTime CreatedAt
    );

    public async Task<Account?> AccountAsync(Guid id)
    {
        await using var command = db.CreateCommand("SELECT active, role FROM users WHERE id = $1");
        command.Parameters.Add(Of(id));
        await using var row = await command.ExecuteReaderAsync();
        return await row.ReadAsync() ? new Account(row.GetBoolean(0), row.GetString(1)) : null;
    }

    public async Task<Wallet> WalletAsync(Guid user)
    {
        await using var command = db.CreateCommand(
            "SELECT pending_balance, available_balance, paid_balance, owed_balance FROM wallets WHERE user_id = $1"
        );
        command.Parameters.Add(Of(user));
        await using var row = await command.ExecuteReaderAsync();
        return await row.ReadAsync()
            ? new Wallet(row.GetDecimal(0), row.GetDecimal(1), row.GetDecimal(2), row.GetDecimal(3))
            : default;
    }

    public Task<(List<Offer> Page, long Total)> ActiveOffersAsync(DateOnly today, long offset, int limit) =>
        PageAsync(
            """
            SELECT count(*) FROM offers AS o
            INNER JOIN merchants AS m ON o.merchant_id = m.id
            WHERE o.active AND m.active AND o.start_date <= $1 AND o.end_date >= $1
            """,
            """
            SELECT o.id, m.name, o.cashback_type, o.cashback_value, o.monthly_cap, o.start_date, o.end_date
            FROM offers AS o
            INNER JOIN merchants AS m ON o.merchant_id = m.id
            WHERE o.active AND m.active AND o.start_date <= $1 AND o.end_date >= $1
            ORDER BY m.name, o.id
            LIMIT $2 OFFSET $3
            """,
            today,
            offset,
            limit,
            row => new Offer(
                row.GetGuid(0),
                row.GetString(1),
                row.GetString(2),
                row.GetDecimal(3),
                row.GetDecimal(4),
                row.GetFieldValue<DateOnly>(5),
                row.GetFieldValue<DateOnly>(6)
            )
        );

    public Task<(List<Purchase> Page, long Total)> PurchasesAsync(Guid user, long offset, int limit) =>
        PageAsync(
            "SELECT count(*) FROM purchases WHERE user_id = $1",
            """
            SELECT p.id, m.name, p.amount, p.status, p.cashback_amount, p.created_at
            FROM (
                SELECT *
                FROM purchases
                WHERE user_id = $1
                ORDER BY created_at DESC, id DESC
                LIMIT $2 OFFSET $3
            ) AS p
            INNER JOIN merchants AS m ON p.merchant_id = m.id
            ORDER BY p.created_at DESC, p.id DESC
            """,
            user,
            offset,
            limit,
            row => new Purchase(
                row.GetGuid(0),
                row.GetString(1),
                row.GetDecimal(2),
                row.GetString(3),
                row.GetString(3) == "reversed" ? 0 : row.GetDecimal(4),
                row.GetString(3) switch
                {
                    "pending" => "pending",
                    "confirmed" => "available",
                    _ => "reversed",
                },
                row.GetDateTime(5)
            )
        );

    private async Task<(List<T> Page, long Total)> PageAsync<T, TMatch>(
        string count,
        string page,
        TMatch match,
        long offset,
        int limit,
        Func<NpgsqlDataReader, T> read
    )
    {
        await using var batch = db.CreateBatch();
        batch.BatchCommands.Add(new(count) { Parameters = { Of(match) } });
        batch.BatchCommands.Add(new(page) { Parameters = { Of(match), Of((long)limit), Of(offset) } });
        await using var row = await batch.ExecuteReaderAsync();
        await row.ReadAsync();
        var total = row.GetInt64(0);
        await row.NextResultAsync();
        var data = new List<T>(limit);
        while (await row.ReadAsync())
        {
            data.Add(read(row));
        }

        return (data, total);
    }

    public static NpgsqlParameter<T> Of<T>(T value) => new() { TypedValue = value };
}
