using System.Text.Json;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Npgsql;

namespace ClickNBack.Api.Offers;

/// <summary>
/// The offers in force, each as it is answered, in memory for as long as the database says, request by request, that nothing
/// has changed. See docs/adr/0011.
/// </summary>
internal sealed class ActiveOffers(NpgsqlDataSource database, TimeProvider time)
{
    /// <summary>Asks for what is another value after every change of offers or merchants.</summary>
    public const string FindVersion = "SELECT version FROM offers_version";

    private const string InForce = """
        SELECT o.id, m.name, o.cashback_type, o.cashback_value, o.monthly_cap, o.start_date, o.end_date
        FROM offers AS o
        INNER JOIN merchants AS m ON o.merchant_id = m.id
        WHERE o.active AND m.active AND o.start_date <= $1 AND o.end_date >= $1
        ORDER BY m.name, o.id
        """;

    private sealed record Edition(Guid Version, DateOnly Day, List<byte[]> Offers);

    private volatile Edition? _kept;

    /// <summary>Those of today, at this version or a later one, by merchant, each an <see cref="ActiveOfferResponse"/>.</summary>
    /// <param name="version">The version, read by this very request.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<List<byte[]>> TodayAsync(Guid version, CancellationToken cancel)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        if (_kept is { } kept && kept.Version == version && kept.Day == today)
        {
            return kept.Offers;
        }

        await using var command = database.CreateCommand(InForce);
        command.Parameters.AddValue(today);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var offers = await reader.ReadAllAsync(Read, cancel);

        // What has changed since the version was read is kept under one that no request will read again.
        _kept = new Edition(version, today, offers);
        return offers;
    }

    private static byte[] Read(NpgsqlDataReader row) =>
        JsonSerializer.SerializeToUtf8Bytes(
            new ActiveOfferResponse(
                row.GetGuid(0),
                row.GetString(1),
                row.GetChoice<CashbackType>(2),
                row.GetDecimal(3),
                row.GetDecimal(4),
                row.GetFieldValue<DateOnly>(5),
                row.GetFieldValue<DateOnly>(6)
            ),
            Json.Options
        );
}
