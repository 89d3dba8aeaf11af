using System.ComponentModel.DataAnnotations;
using ClickNBack.Api.Audit;
using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Idempotency;
using ClickNBack.Api.Ledger;
using ClickNBack.Api.Merchants;
using ClickNBack.Api.Money;
using ClickNBack.Api.Offers;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace ClickNBack.Api.Purchases;

/// <summary>Records a purchase and promises its cashback. The order of the checks is the contract's (3.1).</summary>
internal static class IngestPurchase
{
    internal sealed record Request
    {
        [StringLength(Purchase.MaxExternalIdLength, MinimumLength = 1)]
        public required string ExternalId { get; init; }

        public required Guid UserId { get; init; }

        public required Guid MerchantId { get; init; }

        /// <summary>EUR: above 0, at most 9999999999.99, at most two decimals.</summary>
        [Amount]
        public required decimal Amount { get; init; }

        [StringLength(3, MinimumLength = 3)]
        public required string Currency { get; init; }
    }

    private const string FindRecorded = """
        SELECT id, user_id, merchant_id, amount, created_at FROM purchases WHERE external_id = $1
        """;

    // A merchant has at most one active offer. What was credited this month counts against its cap.
    private const string FindTerms = """
        SELECT merchant.active, offer.id, offer.cashback_type, offer.cashback_value, offer.monthly_cap, usage.credited
        FROM merchants AS merchant
        LEFT JOIN offers AS offer
            ON offer.merchant_id = merchant.id AND offer.active AND offer.start_date <= $2 AND offer.end_date >= $2
        LEFT JOIN monthly_cap_usages AS usage
            ON usage.offer_id = offer.id AND usage.user_id = $3 AND usage.month = date_trunc('month', $2)::date
        WHERE merchant.id = $1
        """;

    private const string Insert = """
        INSERT INTO purchases (id, external_id, user_id, merchant_id, offer_id, amount, cashback_amount, created_at,
                               next_verification_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """;

    private sealed record Recorded(Guid Id, Guid UserId, Guid MerchantId, decimal Amount, DateTimeOffset CreatedAt);

    private sealed record Terms(bool Active, OfferTerms? Offer);

    private sealed record OfferTerms(Guid Id, CashbackType Type, decimal Value, decimal Cap, decimal UsedUp);

    /// <summary>
    /// Reads, decides and writes, and holds no lock meanwhile: what the decision rests on the database checks
    /// once more as it writes. A purchase that was recorded meanwhile is a duplicate; if the month's cap was used up meanwhile,
    /// what is left of it decides anew.
    /// </summary>
    public static async Task<Results<Created<RecordedPurchaseResponse>, ApiError, ReplayedResponse>> HandleAsync(
        Body<Request> body,
        IdempotencyKey key,
        CallerQuery caller,
        IdempotentAttempts attempts,
        AuditLogger audit,
        VerificationSignal verification,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        var request = body.Value;
        if (request.UserId != caller.UserId)
        {
            return PurchaseErrors.ForSomebodyElse.With();
        }

        while (true)
        {
            await using var attempt = await attempts.StartAsync(key, caller.UserId, body.Bytes, cancel);
            if (attempt.Refusal is { } refusal)
            {
                return refusal;
            }

            if (attempt.Replay is { } replay)
            {
                return replay;
            }

            var now = time.GetUtcNow();
            var (found, unknown) = await attempt.ReadAsync(() => ReadAsync(attempt, caller, request, now, cancel));
            var (recorded, merchant) = found;
            if ((unknown ?? Refuse(request, recorded, merchant)) is { } refused)
            {
                if (unknown is null && recorded is not null && IsSomebodyElses(recorded, request))
                {
                    await RememberAsync(attempt, recorded, request, now, cancel);
                }

                return refused;
            }

            var purchase = Record(request, merchant.Offer!, now);
            var ledger = new GeneralLedger();
            if (purchase.CashbackAmount > 0)
            {
                ledger.Earn(purchase, ledger.Audit(Credited(purchase, Actor.Of(caller.Account))));
            }

            var answer = TypedResults.Created(
                $"/api/v1/purchases/{purchase.Id}",
                new RecordedPurchaseResponse(purchase.Id, purchase.Status, purchase.CashbackAmount)
            );
            try
            {
                await using var batch = attempt.CreateBatch();
                batch.BatchCommands.Add(InsertOf(purchase));
                ledger.AddTo(batch);
                attempt.Store(batch, answer, answer.Value, answer.Location);
                await batch.ExecuteNonQueryAsync(cancel);
                await attempt.CommitAsync(cancel);
            }
            catch (PostgresException exception) when (exception.ConstraintName == PurchaseMapping.UniqueExternalId)
            {
                continue; // the next attempt finds it
            }
            catch (PostgresException exception) when (exception.ConstraintName == MonthlyCapUsageMapping.WithinCap)
            {
                continue;
            }

            audit.Log(ledger.AuditLogs);
            verification.Wake();
            return answer;
        }
    }

    /// <summary>The statement that writes a new purchase.</summary>
    public static NpgsqlBatchCommand InsertOf(Purchase purchase)
    {
        var command = new NpgsqlBatchCommand(Insert);
        command
            .Parameters.AddValue(purchase.Id)
            .AddValue(purchase.ExternalId)
            .AddValue(purchase.UserId)
            .AddValue(purchase.MerchantId)
            .AddValue(purchase.OfferId)
            .AddValue(purchase.Amount)
            .AddValue(purchase.CashbackAmount)
            .AddValue(purchase.CreatedAt)
            .AddValue(purchase.NextVerificationAt);
        return command;
    }

    /// <summary>The audit row of a purchase's cashback.</summary>
    public static AuditLog Credited(Purchase purchase, Actor actor) =>
        AuditTrail.Row(
            purchase.CreatedAt,
            actor,
            AuditActions.CashbackCredited,
            "wallet",
            purchase.UserId,
            new { purchase_id = purchase.Id, cashback_amount = Euro.Text(purchase.CashbackAmount) }
        );

    private static Task<((Recorded?, Terms?), ApiError?)> ReadAsync(
        IdempotentAttempt attempt,
        CallerQuery caller,
        Request request,
        DateTimeOffset now,
        CancellationToken cancel
    ) =>
        caller.ReadAsync(
            attempt.CreateBatch(),
            batch =>
                batch
                    .Add(FindRecorded, it => it.AddValue(request.ExternalId))
                    .Add(
                        FindTerms,
                        it =>
                            it.AddValue(request.MerchantId)
                                .AddValue(DateOnly.FromDateTime(now.UtcDateTime))
                                .AddValue(request.UserId)
                    ),
            row => ReadAsync(row, cancel),
            cancel
        );

    private static async Task<(Recorded?, Terms?)> ReadAsync(NpgsqlDataReader reader, CancellationToken cancel)
    {
        var recorded = await reader.ReadAllAsync(
            row => new Recorded(
                row.GetGuid(0),
                row.GetGuid(1),
                row.GetGuid(2),
                row.GetDecimal(3),
                row.GetFieldValue<DateTimeOffset>(4)
            ),
            cancel
        );
        var terms = await reader.ReadAllAsync(
            row => new Terms(row.GetBoolean(0), row.IsDBNull(1) ? null : ReadOffer(row)),
            cancel
        );
        return (recorded.FirstOrDefault(), terms.FirstOrDefault());
    }

    private static OfferTerms ReadOffer(NpgsqlDataReader row) =>
        new(
            row.GetGuid(1),
            row.GetChoice<CashbackType>(2),
            row.GetDecimal(3),
            row.GetDecimal(4),
            row.IsDBNull(5) ? 0 : row.GetDecimal(5)
        );

    private static bool IsSomebodyElses(Recorded recorded, Request request) =>
        recorded.UserId != request.UserId && recorded.MerchantId == request.MerchantId;

    private static async Task RememberAsync(
        IdempotentAttempt attempt,
        Recorded recorded,
        Request request,
        DateTimeOffset now,
        CancellationToken cancel
    )
    {
        await using var batch = attempt.CreateBatch();
        new RefusedClaim
        {
            PurchaseId = recorded.Id,
            UserId = request.UserId,
            Amount = request.Amount,
            ClaimedAt = now,
        }.AddTo(batch);
        await batch.ExecuteNonQueryAsync(cancel);
        await attempt.CommitAsync(cancel);
    }

    private static ApiError? Refuse(Request request, Recorded? recorded, Terms? merchant)
    {
        if (recorded is not null)
        {
            return recorded.UserId == request.UserId // the caller
                ? PurchaseErrors.Duplicate.With((request.ExternalId, recorded.CreatedAt, recorded.Amount))
                : PurchaseErrors.Duplicate.With((request.ExternalId, null, null));
        }

        if (!request.Currency.Equals("EUR", StringComparison.OrdinalIgnoreCase))
        {
            return PurchaseErrors.UnsupportedCurrency.With(request.Currency);
        }

        if (merchant is not { Active: true })
        {
            return MerchantErrors.NotEligible.With((request.MerchantId, merchant is not null));
        }

        return merchant.Offer is null ? OfferErrors.NotAvailable.With(request.MerchantId) : null;
    }

    private static Purchase Record(Request request, OfferTerms offer, DateTimeOffset now)
    {
        var raw = Cashback.Of(offer.Type, offer.Value, request.Amount);
        return new Purchase
        {
            Id = Guid.CreateVersion7(now),
            ExternalId = request.ExternalId,
            UserId = request.UserId,
            MerchantId = request.MerchantId,
            OfferId = offer.Id,
            Amount = request.Amount,
            CashbackAmount = Cashback.Capped(raw, offer.Cap, offer.UsedUp),
            CreatedAt = now,
            NextVerificationAt = now,
        };
    }
}
