using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using static ClickNBack.Benchmarks.Bare.BareSql;

namespace ClickNBack.Benchmarks.Bare;

/// <summary>The recording of a purchase, as the API does it.</summary>
internal sealed class BareIngestion(NpgsqlDataSource db, TimeProvider time)
{
    public sealed record Purchase(string ExternalId, Guid UserId, Guid MerchantId, decimal Amount);

    private sealed record Offer(Guid Id, string Type, decimal Value, decimal MonthlyCap);

    /// <summary>The purchase's identifier and cashback; null when it is refused.</summary>
    public async Task<(Guid Id, decimal Cashback)?> RecordAsync(Purchase asked)
    {
        var now = time.GetUtcNow();
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        if (await IsRecordedAsync(asked.ExternalId) || await OfferAsync(asked.MerchantId, today) is not { } offer)
        {
            return null;
        }

        await using var connection = await db.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await LockWalletAsync(connection, asked.UserId);
        var credited = await CreditedAsync(
            connection,
            asked.UserId,
            offer.Id,
            new DateOnly(today.Year, today.Month, 1)
        );
        var raw = decimal.Round(
            offer.Type == "percent" ? asked.Amount * offer.Value / 100 : offer.Value,
            2,
            MidpointRounding.ToEven
        );
        var cashback = Math.Max(0, Math.Min(raw, offer.MonthlyCap - credited));
        var id = Guid.CreateVersion7(now);
        await InsertAsync(connection, asked, offer.Id, id, cashback, now);
        await transaction.CommitAsync();
        return (id, cashback);
    }

    private async Task<bool> IsRecordedAsync(string externalId)
    {
        await using var command = db.CreateCommand(
            """
            SELECT p.id, p.amount, p.cashback_amount, p.created_at, p.currency, p.external_id, p.merchant_id, p.next_verification_at, p.offer_id, p.resolved_at, p.status, p.user_id, p.verification_failures
            FROM purchases AS p
            WHERE p.external_id = $1
            LIMIT 1
            """
        );
        command.Parameters.Add(Of(externalId));
        await using var row = await command.ExecuteReaderAsync();
        return await row.ReadAsync();
    }

    private async Task<Offer?> OfferAsync(Guid merchant, DateOnly today)
    {
        await using var command = db.CreateCommand(
            """
            SELECT m.active, o0.id, o0.active, o0.cashback_type, o0.cashback_value, o0.created_at, o0.end_date, o0.merchant_id, o0.monthly_cap, o0.start_date
            FROM merchants AS m
            LEFT JOIN (
                SELECT o.id, o.active, o.cashback_type, o.cashback_value, o.created_at, o.end_date, o.merchant_id, o.monthly_cap, o.start_date, o.merchant_id AS merchant_id0
                FROM offers AS o
                WHERE o.active AND o.start_date <= $1 AND o.end_date >= $1
            ) AS o0 ON m.id = o0.merchant_id0
            WHERE m.id = $2
            LIMIT 1
            """
        );
        command.Parameters.Add(Of(today));
        command.Parameters.Add(Of(merchant));
        await using var row = await command.ExecuteReaderAsync();
        return await row.ReadAsync() && row.GetBoolean(0) && !row.IsDBNull(1)
            ? new Offer(row.GetGuid(1), row.GetString(3), row.GetDecimal(4), row.GetDecimal(8))
            : null;
    }

    private static async Task LockWalletAsync(NpgsqlConnection connection, Guid user)
    {
        await using var command = new NpgsqlCommand("SELECT * FROM lock_wallets($1)", connection);
        command.Parameters.Add(Of<Guid[]>([user]));
        await using var row = await command.ExecuteReaderAsync();
        await row.ReadAsync();
    }

    private static async Task<decimal> CreditedAsync(NpgsqlConnection connection, Guid user, Guid offer, DateOnly month)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT m.credited
            FROM monthly_cap_usages AS m
            WHERE m.user_id = $1 AND m.offer_id = $2 AND m.month = $3
            LIMIT 1
            """,
            connection
        );
        command.Parameters.Add(Of(user));
        command.Parameters.Add(Of(offer));
        command.Parameters.Add(Of(month));
        return await command.ExecuteScalarAsync() is decimal credited ? credited : 0;
    }

    private static async Task InsertAsync(
        NpgsqlConnection connection,
        Purchase asked,
        Guid offer,
        Guid id,
        decimal cashback,
        DateTimeOffset now
    )
    {
        var log = Guid.CreateVersion7(now);
        var movement = Guid.CreateVersion7(now);
        var at = now.UtcDateTime;
        var details = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"purchase_id":"{{id}}","cashback_amount":"{{cashback:0.00}}"}"""
        );
        await using var batch = new NpgsqlBatch(connection);
        Add(
            "INSERT INTO audit_logs (id, action, actor_id, actor_type, details, occurred_at, outcome, resource_id, resource_type) SELECT $1::uuid, $2::character varying, $3::uuid, $4::text, $5::jsonb, $6::timestamp with time zone, $7::text, $8::uuid, $9::character varying",
            Of(log),
            Of("CASHBACK_CREDITED"),
            Of(asked.UserId),
            Of("user"),
            Of(details, NpgsqlDbType.Jsonb),
            Of(at),
            Of("success"),
            Of(asked.UserId),
            Of("wallet")
        );
        Add(
            "INSERT INTO purchases (id, amount, cashback_amount, created_at, currency, external_id, merchant_id, next_verification_at, offer_id, resolved_at, status, user_id, verification_failures) SELECT $1::uuid, $2::numeric, $3::numeric, $4::timestamp with time zone, $5::character varying, $6::character varying, $7::uuid, $8::timestamp with time zone, $9::uuid, $10::timestamp with time zone, $11::text, $12::uuid, $13::integer",
            Of(id),
            Of(asked.Amount),
            Of(cashback),
            Of(at),
            Of("EUR"),
            Of(asked.ExternalId),
            Of(asked.MerchantId),
            Of(at),
            Of(offer),
            new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz },
            Of("pending"),
            Of(asked.UserId),
            Of(0)
        );
        Add(
            "INSERT INTO cashback_transactions (id, amount, created_at, purchase_id, status, user_id) SELECT $1::uuid, $2::numeric, $3::timestamp with time zone, $4::uuid, $5::text, $6::uuid",
            Of(Guid.CreateVersion7(now)),
            Of(cashback),
            Of(at),
            Of(id),
            Of("pending"),
            Of(asked.UserId)
        );
        Add(
            "INSERT INTO ledger_transactions (id, audit_log_id, movement, occurred_at, payout_id, purchase_id) SELECT $1::uuid, $2::uuid, $3::text, $4::timestamp with time zone, $5::uuid, $6::uuid",
            Of(movement),
            Of(log),
            Of("cashback_earned"),
            Of(at),
            new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid },
            Of(id)
        );
        Add(
            "INSERT INTO ledger_entries (account, transaction_id, amount, merchant_id, user_id) SELECT value0, value1, value2, value3, value4 FROM unnest($1::text[], $2::uuid[], $3::numeric[], $4::uuid[], $5::uuid[]) AS row (value0, value1, value2, value3, value4)",
            Of<string[]>(["merchant_receivable", "user_pending"]),
            Of<Guid[]>([movement, movement]),
            Of<decimal[]>([-cashback, cashback]),
            Of<Guid?[]>([asked.MerchantId, null]),
            Of<Guid?[]>([null, asked.UserId])
        );
        await batch.ExecuteNonQueryAsync();

        void Add(string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
        {
            var command = new NpgsqlBatchCommand(sql);
            foreach (var parameter in parameters)
            {
                command.Parameters.Add(parameter);
            }

            batch.BatchCommands.Add(command);
        }
    }
}
