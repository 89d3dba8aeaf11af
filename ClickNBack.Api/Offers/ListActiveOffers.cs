using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace ClickNBack.Api.Offers;

/// <summary>
/// Lists the offers that earn cashback today, by merchant: offer and merchant active, the day within the offer's dates. What
/// people open first and most often, hence by hand.
/// </summary>
internal static class ListActiveOffers
{
    private const string InForce = """
        FROM offers AS o
        INNER JOIN merchants AS m ON o.merchant_id = m.id
        WHERE o.active AND m.active AND o.start_date <= $1 AND o.end_date >= $1
        """;

    private const string Count = $"SELECT count(*) {InForce}";

    private const string Page = $"""
        SELECT o.id, m.name, o.cashback_type, o.cashback_value, o.monthly_cap, o.start_date, o.end_date
        {InForce}
        ORDER BY m.name, o.id
        LIMIT $2 OFFSET $3
        """;

    public static async Task<Ok<Page<ActiveOfferResponse>>> HandleAsync(
        Query<Paging> query,
        NpgsqlDataSource database,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        return TypedResults.Ok(
            await database.ReadPageAsync(
                query.Value,
                Count,
                Page,
                it => it.AddValue(today),
                row => new ActiveOfferResponse(
                    row.GetGuid(0),
                    row.GetString(1),
                    row.GetChoice<CashbackType>(2),
                    row.GetDecimal(3),
                    row.GetDecimal(4),
                    row.GetFieldValue<DateOnly>(5),
                    row.GetFieldValue<DateOnly>(6)
                ),
                cancel
            )
        );
    }
}
