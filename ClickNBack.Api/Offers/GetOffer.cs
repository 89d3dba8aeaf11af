using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Merchants;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace ClickNBack.Api.Offers;

/// <summary>One offer; users see only those of which offer and merchant are active.</summary>
internal static class GetOffer
{
    private const string Sql = """
        SELECT o.id, m.name, o.cashback_type, o.cashback_value, o.monthly_cap, o.start_date, o.end_date, o.active, m.active
        FROM offers AS o
        INNER JOIN merchants AS m ON o.merchant_id = m.id
        WHERE o.id = $1
        """;

    private sealed record Found(OfferDetailsResponse Offer, bool Active, bool AtActiveMerchant);

    public static async Task<Results<Ok<OfferDetailsResponse>, ApiError>> HandleAsync(
        string id,
        CallerQuery caller,
        CancellationToken cancel
    )
    {
        if (!Ids.TryParse(id, out var offerId))
        {
            return OfferErrors.NotFound.With(id);
        }

        var (found, refusal) = await caller.ReadAsync(
            batch => batch.Add(Sql, it => it.AddValue(offerId)),
            row => row.ReadOneAsync(Read, cancel),
            cancel
        );
        if (refusal is not null)
        {
            return refusal;
        }

        if (found is null)
        {
            return OfferErrors.NotFound.With(id);
        }

        return caller.Account.Role == Role.Admin || found is { Active: true, AtActiveMerchant: true }
            ? TypedResults.Ok(found.Offer)
            : OfferErrors.NotForUsers.With((offerId, found.Active));
    }

    private static Found Read(NpgsqlDataReader row)
    {
        var active = row.GetBoolean(7);
        return new(
            new OfferDetailsResponse(
                row.GetGuid(0),
                row.GetString(1),
                row.GetChoice<CashbackType>(2),
                row.GetDecimal(3),
                row.GetDecimal(4),
                row.GetFieldValue<DateOnly>(5),
                row.GetFieldValue<DateOnly>(6),
                active ? ActiveStatus.Active : ActiveStatus.Inactive
            ),
            active,
            row.GetBoolean(8)
        );
    }
}
