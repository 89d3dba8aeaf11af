using Npgsql;
using NpgsqlTypes;

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
        string? CashbackStatus,
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
            """
            SELECT w.pending_balance, w.available_balance, w.paid_balance, w.owed_balance
            FROM wallets AS w
            WHERE w.user_id = $1
            LIMIT 1
            """
        );
        command.Parameters.Add(Of(user));
        await using var row = await command.ExecuteReaderAsync();
        return await row.ReadAsync()
            ? new Wallet(row.GetDecimal(0), row.GetDecimal(1), row.GetDecimal(2), row.GetDecimal(3))
            : default;
    }

    public async Task<(List<Offer> Page, long Total)> ActiveOffersAsync(DateOnly today, long offset, int limit)
    {
        await using var count = db.CreateCommand(
            """
            SELECT count(*)
            FROM offers AS o
            INNER JOIN merchants AS m ON o.merchant_id = m.id
            WHERE o.active AND m.active AND o.start_date <= $1 AND o.end_date >= $1
            """
        );
        count.Parameters.Add(Of(today));
        var total = (long)(await count.ExecuteScalarAsync())!;

        await using var command = db.CreateCommand(
            """
            SELECT o.id, m.name, o.cashback_type, o.cashback_value, o.monthly_cap, o.start_date, o.end_date
            FROM offers AS o
            INNER JOIN merchants AS m ON o.merchant_id = m.id
            WHERE o.active AND m.active AND o.start_date <= $1 AND o.end_date >= $1
            ORDER BY m.name, o.id
            LIMIT $2 OFFSET $3
            """
        );
        command.Parameters.Add(Of(today));
        command.Parameters.Add(Of(limit));
        command.Parameters.Add(Of((int)offset));
        await using var row = await command.ExecuteReaderAsync();
        var page = new List<Offer>(limit);
        while (await row.ReadAsync())
        {
            page.Add(
                new(
                    row.GetGuid(0),
                    row.GetString(1),
                    row.GetString(2),
                    row.GetDecimal(3),
                    row.GetDecimal(4),
                    row.GetFieldValue<DateOnly>(5),
                    row.GetFieldValue<DateOnly>(6)
                )
            );
        }

        return (page, total);
    }

    public async Task<(List<Purchase> Page, long Total)> PurchasesAsync(Guid user, int offset, int limit)
    {
        await using var count = db.CreateCommand(
            """
            SELECT count(*)
            FROM purchases AS p
            WHERE p.user_id = $1
            """
        );
        count.Parameters.Add(Of(user));
        var total = (long)(await count.ExecuteScalarAsync())!;

        await using var command = db.CreateCommand(
            """
            SELECT p0.id, m.name, p0.amount, p0.status, p0.cashback_amount, c.status, p0.created_at
            FROM (
                SELECT p.id, p.amount, p.cashback_amount, p.created_at, p.merchant_id, p.status, p.user_id
                FROM purchases AS p
                WHERE p.user_id = $1
                ORDER BY p.created_at DESC, p.id DESC
                LIMIT $2 OFFSET $3
            ) AS p0
            INNER JOIN merchants AS m ON p0.merchant_id = m.id
            LEFT JOIN cashback_transactions AS c ON p0.id = c.purchase_id AND p0.user_id = c.user_id
            ORDER BY p0.created_at DESC, p0.id DESC
            """
        );
        command.Parameters.Add(Of(user));
        command.Parameters.Add(Of(limit));
        command.Parameters.Add(Of(offset));
        await using var row = await command.ExecuteReaderAsync();
        var page = new List<Purchase>(limit);
        while (await row.ReadAsync())
        {
            page.Add(
                new(
                    row.GetGuid(0),
                    row.GetString(1),
                    row.GetDecimal(2),
                    row.GetString(3),
                    row.GetDecimal(4),
                    await row.IsDBNullAsync(5) ? null : row.GetString(5),
                    row.GetDateTime(6)
                )
            );
        }

        return (page, total);
    }

    public static NpgsqlParameter<T> Of<T>(T value) => new() { TypedValue = value };

    public static NpgsqlParameter<T> Of<T>(T value, NpgsqlDbType type) =>
        new() { TypedValue = value, NpgsqlDbType = type };
}
