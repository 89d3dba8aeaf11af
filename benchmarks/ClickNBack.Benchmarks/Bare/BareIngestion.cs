using System.Globalization;
using Npgsql;
using static ClickNBack.Benchmarks.Bare.BareSql;

namespace ClickNBack.Benchmarks.Bare;

/// <summary>The recording of a purchase, as the API does it.</summary>
internal sealed class BareIngestion(BareSql sql, NpgsqlDataSource db, TimeProvider time)
{
    public sealed record Purchase(string ExternalId, Guid UserId, Guid MerchantId, decimal Amount);

    private sealed record Offer(Guid Id, string Type, decimal Value, decimal MonthlyCap, decimal Credited);

    /// <summary>The purchase's identifier and cashback; null when it is refused.</summary>
    public async Task<(Guid Id, decimal Cashback)?> RecordAsync(Purchase asked)
    {
        var now = time.GetUtcNow();
        if (await OfferAsync(asked, DateOnly.FromDateTime(now.UtcDateTime)) is not { } offer)
        {
            return null;
        }

        var raw = decimal.Round(
            offer.Type == "percent" ? asked.Amount * offer.Value / 100 : offer.Value,
            2,
            MidpointRounding.ToEven
        );
        var cashback = Math.Max(0, Math.Min(raw, offer.MonthlyCap - offer.Credited));
        var id = Guid.CreateVersion7(now);
        await InsertAsync(asked, offer.Id, id, cashback, now);
        return (id, cashback);
    }

    // Null also for a purchase that is recorded.
    private Task<Offer?> OfferAsync(Purchase asked, DateOnly today) =>
        sql.ReadAsync(
            asked.UserId,
            [
                new("SELECT user_id, amount, created_at FROM purchases WHERE external_id = $1")
                {
                    Parameters = { Of(asked.ExternalId) },
                },
                new(
                    """
                    SELECT merchant.active, offer.id, offer.cashback_type, offer.cashback_value, offer.monthly_cap, usage.credited
                    FROM merchants AS merchant
                    LEFT JOIN offers AS offer
                        ON offer.merchant_id = merchant.id AND offer.active AND offer.start_date <= $2 AND offer.end_date >= $2
                    LEFT JOIN monthly_cap_usages AS usage
                        ON usage.offer_id = offer.id AND usage.user_id = $3 AND usage.month = date_trunc('month', $2)::date
                    WHERE merchant.id = $1
                    """
                )
                {
                    Parameters = { Of(asked.MerchantId), Of(today), Of(asked.UserId) },
                },
            ],
            async row =>
            {
                if (await row.ReadAsync())
                {
                    return null;
                }

                await row.NextResultAsync();
                if (!await row.ReadAsync() || !row.GetBoolean(0) || row.IsDBNull(1))
                {
                    return null;
                }

                var credited = row.IsDBNull(5) ? 0 : row.GetDecimal(5);
                return new Offer(row.GetGuid(1), row.GetString(2), row.GetDecimal(3), row.GetDecimal(4), credited);
            }
        );

    private async Task InsertAsync(Purchase asked, Guid offer, Guid id, decimal cashback, DateTimeOffset now)
    {
        var log = Guid.CreateVersion7(now);
        var details = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"purchase_id":"{{id}}","cashback_amount":"{{cashback:0.00}}"}"""
        );
        await using var batch = db.CreateBatch();
        Add(
            batch,
            """
            INSERT INTO purchases (id, external_id, user_id, merchant_id, offer_id, amount, cashback_amount, created_at,
                                   next_verification_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """,
            Of(id),
            Of(asked.ExternalId),
            Of(asked.UserId),
            Of(asked.MerchantId),
            Of(offer),
            Of(asked.Amount),
            Of(cashback),
            Of(now),
            Of(now)
        );
        Add(
            batch,
            """
            INSERT INTO audit_logs (id, occurred_at, actor_type, actor_id, action, resource_type, resource_id, outcome, details)
            SELECT id, at, actor_type, actor_id, action, type, resource_id, 'success', details::jsonb
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) AS log (id, at, actor_type, actor_id, action, type, resource_id, details)
            """,
            Of<Guid[]>([log]),
            Of<DateTimeOffset[]>([now]),
            Of<string[]>(["user"]),
            Of<Guid?[]>([asked.UserId]),
            Of<string[]>(["CASHBACK_CREDITED"]),
            Of<string[]>(["wallet"]),
            Of<Guid[]>([asked.UserId]),
            Of<string[]>([details])
        );
        Add(
            batch,
            """
            INSERT INTO transfers (movement, from_account, to_account, amount, user_id, merchant_id, purchase_id, payout_id,
                                   audit_log_id, occurred_at)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """,
            Of<string[]>(["cashback_earned"]),
            Of<string[]>(["merchant_receivable"]),
            Of<string[]>(["user_pending"]),
            Of<decimal[]>([cashback]),
            Of<Guid[]>([asked.UserId]),
            Of<Guid?[]>([asked.MerchantId]),
            Of<Guid?[]>([id]),
            Of<Guid?[]>([null]),
            Of<Guid[]>([log]),
            Of<DateTimeOffset[]>([now])
        );
        await batch.ExecuteNonQueryAsync();
    }

    private static void Add(NpgsqlBatch batch, string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        batch.BatchCommands.Add(command);
    }
}
