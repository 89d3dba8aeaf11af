using System.ComponentModel.DataAnnotations;
using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Idempotency;
using ClickNBack.Api.Ledger;
using ClickNBack.Api.Merchants;
using ClickNBack.Api.Money;
using ClickNBack.Api.Offers;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using ClickNBack.Api.Wallets;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

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

    private sealed record Terms(bool Active, Offer? Offer);

    private static readonly Func<ClickNBackDbContext, string, CancellationToken, Task<Purchase?>> FindRecorded =
        EF.CompileAsyncQuery(
            (ClickNBackDbContext db, string externalId, CancellationToken cancel) =>
                db.Purchases.AsNoTracking().FirstOrDefault(it => it.ExternalId == externalId)
        );

    // A merchant has at most one active offer. Said as a join: asked for "the first" of each, PostgreSQL would sort them all.
    private static readonly Func<ClickNBackDbContext, Guid, DateOnly, CancellationToken, Task<Terms?>> FindTerms =
        EF.CompileAsyncQuery(
            (ClickNBackDbContext db, Guid merchantId, DateOnly today, CancellationToken cancel) =>
                db
                    .Merchants.Where(merchant => merchant.Id == merchantId)
                    .SelectMany(
                        merchant =>
                            db.Offers.Where(offer =>
                                    offer.MerchantId == merchant.Id
                                    && offer.Active
                                    && offer.StartDate <= today
                                    && offer.EndDate >= today
                                )
                                .DefaultIfEmpty(),
                        (merchant, offer) => new Terms(merchant.Active, offer)
                    )
                    .AsNoTracking()
                    .FirstOrDefault()
        );

    private static readonly Func<
        ClickNBackDbContext,
        Guid,
        Guid,
        DateOnly,
        CancellationToken,
        Task<decimal>
    > FindCredited = EF.CompileAsyncQuery(
        (ClickNBackDbContext db, Guid userId, Guid offerId, DateOnly month, CancellationToken cancel) =>
            db
                .MonthlyCapUsages.Where(it => it.UserId == userId && it.OfferId == offerId && it.Month == month)
                .Select(it => it.Credited)
                .FirstOrDefault()
    );

    public static async Task<Results<Created<RecordedPurchaseResponse>, ApiError, ReplayedAnswer>> HandleAsync(
        Body<Request> body,
        IdempotencyKey key,
        Caller caller,
        ClickNBackDbContext db,
        IdempotentAttempts attempts,
        GeneralLedger ledger,
        AuditTrail audit,
        VerificationSignal verification,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        var request = body.Value;
        if (request.UserId != caller.Id)
        {
            return PurchaseErrors.ForSomebodyElse.With();
        }

        await using var attempt = await attempts.StartAsync(key, caller.Id, body.Bytes, cancel);
        if (attempt.Refusal is { } refusal)
        {
            return refusal;
        }

        if (attempt.Replay is { } replay)
        {
            return replay;
        }

        var now = time.GetUtcNow();
        var recorded = await FindRecorded(db, request.ExternalId, cancel);
        if (recorded is not null)
        {
            return PurchaseErrors.AlreadyRecorded(request.ExternalId, recorded, caller);
        }

        if (!request.Currency.Equals("EUR", StringComparison.OrdinalIgnoreCase))
        {
            return PurchaseErrors.UnsupportedCurrency.With(request.Currency);
        }

        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var merchant = await FindTerms(db, request.MerchantId, today, cancel);
        if (merchant is not { Active: true })
        {
            return MerchantErrors.NotEligible.With((request.MerchantId, merchant is not null));
        }

        if (merchant.Offer is not { } offer)
        {
            return OfferErrors.NotAvailable.With(request.MerchantId);
        }

        var transaction = await attempt.BeginTransactionAsync(cancel);
        var wallet = await ledger.LockWalletAsync(caller.Id, cancel); // from here on, nobody else uses up this user's caps

        var month = new DateOnly(today.Year, today.Month, 1);
        var credited = await FindCredited(db, caller.Id, offer.Id, month, cancel);
        var raw = Cashback.Of(offer.CashbackType, offer.CashbackValue, request.Amount);
        var purchase = Record(request, offer, Cashback.Capped(raw, offer.MonthlyCap, credited), now);
        db.Purchases.Add(purchase);
        if (purchase.CashbackAmount > 0)
        {
            var log = audit.Record(
                Actor.Of(caller),
                AuditActions.CashbackCredited,
                "wallet",
                caller.Id,
                new { purchase_id = purchase.Id, cashback_amount = Euro.Text(purchase.CashbackAmount) }
            );
            ledger.Earn(purchase, wallet, log);
        }

        var answer = TypedResults.Created(
            $"/api/v1/purchases/{purchase.Id}",
            new RecordedPurchaseResponse(purchase.Id, purchase.Status, purchase.CashbackAmount)
        );
        attempt.Keep(answer, answer.Value, answer.Location);
        if (!await db.TrySaveAsync(PurchaseMapping.UniqueExternalId, cancel))
        {
            await transaction.RollbackAsync(cancel);
            recorded = await FindRecorded(db, request.ExternalId, cancel);
            return PurchaseErrors.AlreadyRecorded(request.ExternalId, recorded, caller);
        }

        await transaction.CommitAsync(cancel);
        verification.Wake();
        return answer;
    }

    private static Purchase Record(Request request, Offer offer, decimal cashback, DateTimeOffset now)
    {
        var id = Guid.CreateVersion7(now);
        return new Purchase
        {
            Id = id,
            ExternalId = request.ExternalId,
            UserId = request.UserId,
            MerchantId = request.MerchantId,
            OfferId = offer.Id,
            Amount = request.Amount,
            CashbackAmount = cashback,
            CreatedAt = now,
            NextVerificationAt = now,
            Cashback = new CashbackTransaction
            {
                Id = Guid.CreateVersion7(now),
                UserId = request.UserId,
                PurchaseId = id,
                Amount = cashback,
                CreatedAt = now,
            },
        };
    }
}
