using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace ClickNBack.Api.Payouts;

/// <summary>The caller's payouts, newest first.</summary>
internal static class ListMyPayouts
{
    internal sealed record Request : Paging
    {
        public PayoutStatus? Status { get; init; }
    }

    private const string Match = "FROM payouts WHERE user_id = $1 AND ($2 IS NULL OR status = $2)";

    private const string Count = $"SELECT count(*) {Match}";

    private const string Page = $"""
        SELECT id, user_id, status, amount, method, requested_at, processed_at, external_reference
        {Match}
        ORDER BY requested_at DESC, id DESC
        LIMIT $3 OFFSET $4
        """;

    public static async Task<Results<Ok<Page<PayoutResponse>>, ApiError>> HandleAsync(
        Query<Request> query,
        CallerQuery caller,
        CancellationToken cancel
    )
    {
        var status = query.Value.Status is { } wanted ? Json.Name(wanted) : null;
        var (page, refusal) = await caller.ReadAsync(
            batch => batch.AddPage(query.Value, Count, Page, it => it.AddValue(caller.UserId).AddValue(status)),
            row => row.ReadPageAsync(query.Value, Item, cancel),
            cancel
        );
        return refusal is null ? TypedResults.Ok(page) : refusal;
    }

    private static PayoutResponse Item(NpgsqlDataReader row) =>
        new(
            row.GetGuid(0),
            row.GetGuid(1),
            row.GetChoice<PayoutStatus>(2),
            row.GetDecimal(3),
            row.GetChoice<PayoutMethod>(4),
            row.GetFieldValue<DateTimeOffset>(5),
            row.IsDBNull(6) ? null : row.GetFieldValue<DateTimeOffset>(6),
            row.IsDBNull(7) ? null : row.GetString(7)
        );
}
