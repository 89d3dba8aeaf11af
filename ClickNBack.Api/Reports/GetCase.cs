using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Reports;

/// <summary>One case, with all sides: what was claimed, by whom else, and what was reported.</summary>
internal static class GetCase
{
    public static async Task<Results<Ok<CaseDetailResponse>, ApiError>> HandleAsync(
        string id,
        ClickNBackDbContext db,
        CancellationToken cancel
    )
    {
        var found = Ids.TryParse(id, out var caseId)
            ? await (
                from wanted in db.Cases
                join purchase in db.Purchases on wanted.PurchaseId equals purchase.Id
                where wanted.Id == caseId
                select new { Case = wanted, Purchase = purchase }
            )
                .AsNoTracking()
                .FirstOrDefaultAsync(cancel)
            : null;
        if (found is null)
        {
            return ReportErrors.CaseNotFound.With(id);
        }

        var (it, claimed) = (found.Case, found.Purchase);
        var reported = await db
            .ReportedTransactions.Where(x =>
                x.MerchantId == claimed.MerchantId && x.OrderReference == claimed.ExternalId
            )
            .OrderBy(x => x.Id)
            .Select(x => new ReportedTransactionResponse(
                x.Id,
                x.Amount,
                x.Currency,
                x.Status,
                x.ReportedAt,
                x.Reason,
                x.State
            ))
            .ToListAsync(cancel);
        var others = await db
            .RefusedClaims.Where(x => x.PurchaseId == claimed.Id)
            .OrderBy(x => x.ClaimedAt)
            .Select(x => new OtherClaimResponse(x.UserId, x.Amount, x.ClaimedAt))
            .ToListAsync(cancel);
        return TypedResults.Ok(
            new CaseDetailResponse(
                it.Id,
                it.Kind,
                it.OpenedAt,
                it.DecidedAt,
                it.DecidedBy,
                it.Decision,
                it.Note,
                new ClaimResponse(
                    claimed.Id,
                    claimed.ExternalId,
                    claimed.UserId,
                    claimed.MerchantId,
                    claimed.Amount,
                    claimed.Currency,
                    claimed.CashbackAmount,
                    claimed.Status,
                    claimed.CreatedAt
                ),
                others,
                reported
            )
        );
    }
}
