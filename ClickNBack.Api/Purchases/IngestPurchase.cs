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

    private readonly record struct Found(Recorded? Recorded, Terms? Terms, (int Claims, decimal Amount) Today);

    private sealed record OfferTerms(Guid Id, CashbackType Type, decimal Value, decimal Cap, decimal UsedUp);

    /// <summary>
    /// Reads, decides and writes, and holds no lock meanwhile: what the decision rests on the database checks
    /// once more as it writes. A purchase that was recorded meanwhile is a duplicate; if the month's cap or a limit of the day was
    /// used up meanwhile, what is left of it decides anew.
    /// </summary>
    public static async Task<Results<Created<RecordedPurchaseResponse>, ApiError, ReplayedResponse>> HandleAsync(
        Body<Request> body,
        IdempotencyKey key,
        CallerQuery caller,
        IdempotentAttempts attempts,
        ClaimOptions limits,
        PurchaseMetrics metrics,
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
            var (found, unknown) = await attempt.ReadAsync(() =>
                ReadAsync(attempt, caller, request, limits, now, cancel)
            );
            if (unknown is not null)
            {
                return unknown;
            }

            var (recorded, merchant, today) = found;
            if (Refuse(request, recorded, merchant) is { } refused)
            {
                if (recorded is not null && IsSomebodyElses(recorded, request))
                {
                    await RememberAsync(attempt, ClaimedToo(recorded, request, now).AddTo, cancel);
                }

                return refused;
            }

            if (limits.ExceededBy(request.Amount, today) is { } limit)
            {
                await RememberAsync(attempt, Excess(limit, request, now).AddTo, cancel);
                metrics.Refused(limit);
                return PurchaseErrors.DailyLimit.With((limit, limits));
            }

            var purchase = Record(request, merchant!.Offer!, now);
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
                if (limits.AreOn)
                {
                    DailyClaims.Count(batch, purchase, limits);
                }

                ledger.AddTo(batch);
                attempt.Store(batch, answer, answer.Value, answer.Location);
                await batch.ExecuteNonQueryAsync(cancel);
                await attempt.CommitAsync(cancel);
            }
            catch (PostgresException exception) when (exception.ConstraintName == PurchaseMapping.UniqueExternalId)
            {
                continue; // the next attempt finds it
            }
            catch (PostgresException exception)
                when (exception.ConstraintName
                        is MonthlyCapUsageMapping.WithinCap
                            or DailyClaimsMapping.WithinCount
                            or DailyClaimsMapping.WithinAmount
                )
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

    private static Task<(Found Found, ApiError? Refusal)> ReadAsync(
        IdempotentAttempt attempt,
        CallerQuery caller,
        Request request,
        ClaimOptions limits,
        DateTimeOffset now,
        CancellationToken cancel
    ) =>
        caller.ReadAsync(
            attempt.CreateBatch(),
            batch =>
            {
                var day = DateOnly.FromDateTime(now.UtcDateTime);
                batch
                    .Add(FindRecorded, it => it.AddValue(request.ExternalId))
                    .Add(FindTerms, it => it.AddValue(request.MerchantId).AddValue(day).AddValue(request.UserId));
                if (limits.AreOn)
                {
                    DailyClaims.AskFor(batch, request.UserId, day);
                }
            },
            row => ReadAsync(row, limits, cancel),
            cancel
        );

    private static async Task<Found> ReadAsync(NpgsqlDataReader reader, ClaimOptions limits, CancellationToken cancel)
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
        var today = limits.AreOn ? await DailyClaims.ReadAsync(reader, cancel) : default;
        return new(recorded.FirstOrDefault(), terms.FirstOrDefault(), today);
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

    private static RefusedClaim ClaimedToo(Recorded recorded, Request request, DateTimeOffset now) =>
        new()
        {
            PurchaseId = recorded.Id,
            UserId = request.UserId,
            Amount = request.Amount,
            ClaimedAt = now,
        };

    private static ExcessClaim Excess(ClaimLimit limit, Request request, DateTimeOffset now) =>
        new()
        {
            UserId = request.UserId,
            Day = DateOnly.FromDateTime(now.UtcDateTime),
            Kind = limit,
            ExternalId = request.ExternalId,
            MerchantId = request.MerchantId,
            Amount = request.Amount,
            ClaimedAt = now,
        };

    private static async Task RememberAsync(
        IdempotentAttempt attempt,
        Action<NpgsqlBatch> refused,
        CancellationToken cancel
    )
    {
        await using var batch = attempt.CreateBatch();
        refused(batch);
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
