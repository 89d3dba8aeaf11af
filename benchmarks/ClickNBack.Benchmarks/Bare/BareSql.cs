using Npgsql;

namespace ClickNBack.Benchmarks.Bare;

/// <summary>
/// The SQL that the API sends, statement by statement (`--statements` shows both side by side), by hand: same texts, same
/// transactions, same round trips, same connection settings.
/// </summary>
internal sealed class BareSql(NpgsqlDataSource db)
{
    private const string FindAccount = "SELECT active, role FROM users WHERE id = $1";

    private sealed record Edition(Guid Version, DateOnly Day, List<Offer> Offers);

    private volatile Edition? _offers;

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

    /// <summary>Null for whoever has no active account; so are the others.</summary>
    public Task<Wallet?> WalletAsync(Guid user) =>
        ReadAsync<Wallet?>(
            user,
            [
                new(
                    "SELECT pending_balance, available_balance, paid_balance, owed_balance FROM wallets WHERE user_id = $1"
                )
                {
                    Parameters = { Of(user) },
                },
            ],
            async row =>
                await row.ReadAsync()
                    ? new Wallet(row.GetDecimal(0), row.GetDecimal(1), row.GetDecimal(2), row.GetDecimal(3))
                    : default(Wallet)
        );

    public async Task<List<Offer>?> ActiveOffersAsync(Guid user, DateOnly today)
    {
        var version = await ReadAsync<Guid?>(
            user,
            [new("SELECT version FROM offers_version")],
            async row => await row.ReadAsync() ? row.GetGuid(0) : null
        );
        if (version is null)
        {
            return null;
        }

        if (_offers is not { } kept || kept.Version != version || kept.Day != today)
        {
            kept = new(version.Value, today, await LoadOffersAsync(today));
            _offers = kept;
        }

        return kept.Offers;
    }

    private async Task<List<Offer>> LoadOffersAsync(DateOnly today)
    {
        await using var command = db.CreateCommand(
            """
            SELECT o.id, m.name, o.cashback_type, o.cashback_value, o.monthly_cap, o.start_date, o.end_date
            FROM offers AS o
            INNER JOIN merchants AS m ON o.merchant_id = m.id
            WHERE o.active AND m.active AND o.start_date <= $1 AND o.end_date >= $1
            ORDER BY m.name, o.id
            """
        );
        command.Parameters.Add(Of(today));
        await using var row = await command.ExecuteReaderAsync();
        var offers = new List<Offer>();
        while (await row.ReadAsync())
        {
            offers.Add(
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

        return offers;
    }

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

    private Task<(List<T> Page, long Total)> PageAsync<T>(
        string count,
        string page,
        Guid user,
        long offset,
        int limit,
        Func<NpgsqlDataReader, T> read
    ) =>
        ReadAsync(
            user,
            [
                new(count) { Parameters = { Of(user) } },
                new(page) { Parameters = { Of(user), Of((long)limit), Of(offset) } },
            ],
            async row =>
            {
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
        );

    /// <summary>The account and what is asked for, in one round trip; the default for whoever has no active account.</summary>
    public async Task<T?> ReadAsync<T>(Guid user, NpgsqlBatchCommand[] asked, Func<NpgsqlDataReader, Task<T>> read)
    {
        await using var batch = db.CreateBatch();
        batch.BatchCommands.Add(new(FindAccount) { Parameters = { Of(user) } });
        foreach (var command in asked)
        {
            batch.BatchCommands.Add(command);
        }

        await using var row = await batch.ExecuteReaderAsync();
        if (!await row.ReadAsync() || !row.GetBoolean(0))
        {
            return default;
        }

        await row.NextResultAsync();
        return await read(row);
    }

    public static NpgsqlParameter<T> Of<T>(T value) => new() { TypedValue = value };
}
