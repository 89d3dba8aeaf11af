using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace ClickNBack.Api.Purchases;

/// <summary>One purchase, for who made it.</summary>
internal static class GetPurchase
{
    private const string Sql = $"""
        SELECT {PurchaseResponse.Columns}, p.user_id
        FROM purchases AS p
        INNER JOIN merchants AS m ON p.merchant_id = m.id
        WHERE p.id = $1
        """;

    private sealed record Found(Guid UserId, PurchaseResponse Purchase);

    public static async Task<Results<Ok<PurchaseResponse>, ApiError>> HandleAsync(
        string id,
        CallerQuery caller,
        ILogger<PurchaseResponse> logger,
        CancellationToken cancel
    )
    {
        if (!Ids.TryParse(id, out var purchaseId))
        {
            return PurchaseErrors.NotFound.With(id);
        }

        var (found, refusal) = await caller.ReadAsync(
            batch => batch.Add(Sql, it => it.AddValue(purchaseId)),
            row => row.ReadOneAsync(Read, cancel),
            cancel
        );
        if (refusal is not null)
        {
            return refusal;
        }

        if (found is null)
        {
            return PurchaseErrors.NotFound.With(id);
        }

        if (found.UserId == caller.UserId)
        {
            return TypedResults.Ok(found.Purchase);
        }

        logger.LogInformation("{User} may not see purchase {Purchase}", caller.UserId, purchaseId);
        return PurchaseErrors.SomebodyElses.With((purchaseId, found.UserId, caller.UserId));
    }

    private static Found Read(NpgsqlDataReader row) => new(row.GetGuid(6), PurchaseResponse.Read(row));
}
