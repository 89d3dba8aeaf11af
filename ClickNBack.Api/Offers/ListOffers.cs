using System.ComponentModel.DataAnnotations;
using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Merchants;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace ClickNBack.Api.Offers;

/// <summary>Lists all offers, newest first; dates filter by overlap.</summary>
internal static class ListOffers
{
    internal sealed record Request : Paging
    {
        [StringLength(10_000)]
        public string? Status { get; init; }

        public Guid? MerchantId { get; init; }

        public DateOnly? DateFrom { get; init; }

        public DateOnly? DateTo { get; init; }
    }

    // What is not asked for is null, and then every offer fits.
    private const string Match = """
        FROM offers
        WHERE ($1 IS NULL OR active = $1) AND ($2 IS NULL OR merchant_id = $2)
            AND ($3 IS NULL OR end_date >= $3) AND ($4 IS NULL OR start_date <= $4)
        """;

    private const string Count = $"SELECT count(*) {Match}";

    private const string Page = $"""
        SELECT id, merchant_id, cashback_type, cashback_value, start_date, end_date, monthly_cap, active
        {Match}
        ORDER BY created_at DESC, id
        LIMIT $5 OFFSET $6
        """;

    public static async Task<Results<Ok<Page<OfferResponse>>, ApiError>> HandleAsync(
        Query<Request> query,
        CallerQuery caller,
        CancellationToken cancel
    )
    {
        var request = query.Value;
        var violations = new List<Violation>();
        var status = ActiveStatus.Active;
        if (request.Status is { } name && !Choices.TryParse(name, out status))
        {
            violations.Add(new Violation("status", "must be one of active, inactive"));
        }

        if (request.DateFrom > request.DateTo)
        {
            violations.Add(new Violation("date_from", "must not be after date_to"));
        }

        if (violations.Count > 0)
        {
            return OfferErrors.InvalidFilter.With(violations);
        }

        bool? active = request.Status is null ? null : status == ActiveStatus.Active;
        var (page, refusal) = await caller.ReadAsync(
            batch =>
                batch.AddPage(
                    request,
                    Count,
                    Page,
                    it =>
                        it.AddValue(active)
                            .AddValue(request.MerchantId)
                            .AddValue(request.DateFrom)
                            .AddValue(request.DateTo)
                ),
            row => row.ReadPageAsync(request, Item, cancel),
            cancel
        );
        return refusal is null ? TypedResults.Ok(page) : refusal;
    }

    private static OfferResponse Item(NpgsqlDataReader row) =>
        new(
            row.GetGuid(0),
            row.GetGuid(1),
            row.GetChoice<CashbackType>(2),
            row.GetDecimal(3),
            row.GetFieldValue<DateOnly>(4),
            row.GetFieldValue<DateOnly>(5),
            row.GetDecimal(6),
            row.GetBoolean(7) ? ActiveStatus.Active : ActiveStatus.Inactive
        );
}
