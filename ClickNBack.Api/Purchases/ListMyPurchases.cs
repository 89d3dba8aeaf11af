using System.ComponentModel.DataAnnotations;
using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace ClickNBack.Api.Purchases;

/// <summary>The caller's purchases, newest first. Opened almost as often as the offers, hence by hand.</summary>
internal static class ListMyPurchases
{
    internal sealed record Request : Paging
    {
        public Request() => Limit = ShortLimit;

        [StringLength(10_000)]
        public string? Status { get; init; }
    }

    private static readonly (string Count, string Page) All = Sql("user_id = $1", last: 1);

    private static readonly (string Count, string Page) OfStatus = Sql("user_id = $1 AND status = $2", last: 2);

    // The page is cut out first: else what belongs to each purchase would be joined to all that are skipped, too.
    private static (string Count, string Page) Sql(string match, int last) =>
        (
            $"SELECT count(*) FROM purchases WHERE {match}",
            $"""
            SELECT {PurchaseResponse.Columns}
            FROM (
                SELECT *
                FROM purchases
                WHERE {match}
                ORDER BY created_at DESC, id DESC
                LIMIT ${last + 1} OFFSET ${last + 2}
            ) AS p
            INNER JOIN merchants AS m ON p.merchant_id = m.id
            ORDER BY p.created_at DESC, p.id DESC
            """
        );

    public static async Task<Results<Ok<Page<PurchaseResponse>>, ApiError>> HandleAsync(
        Query<Request> query,
        CallerQuery caller,
        CancellationToken cancel
    )
    {
        var request = query.Value;
        if (request.Status is { } name && !Choices.TryParse<PurchaseStatus>(name, out _))
        {
            return PurchaseErrors.InvalidStatus.With($"'{name}' is no status of a purchase.");
        }

        var (count, page) = request.Status is null ? All : OfStatus;
        var (found, refusal) = await caller.ReadAsync(
            batch => batch.AddPage(request, count, page, Match),
            row => row.ReadPageAsync(request, PurchaseResponse.Read, cancel),
            cancel
        );
        return refusal is null ? TypedResults.Ok(found) : refusal;

        NpgsqlParameterCollection Match(NpgsqlParameterCollection parameters)
        {
            parameters.AddValue(caller.UserId);
            return request.Status is { } status ? parameters.AddValue(status) : parameters;
        }
    }
}
