using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Purchases;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Reports;

/// <summary>One case, with all sides: what was claimed, by whom else, and what was reported; or what a limit refused.</summary>
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
                from purchase in db.Purchases.Where(it => it.Id == wanted.PurchaseId).DefaultIfEmpty()
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

        var it = found.Case;
        if (found.Purchase is not { } claimed)
        {
            return TypedResults.Ok(Detail(it, claimed: null, [], [], await ExcessAsync(db, it, cancel)));
        }

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
        var claim = new ClaimResponse(
            claimed.Id,
            claimed.ExternalId,
            claimed.UserId,
            claimed.MerchantId,
            claimed.Amount,
            claimed.Currency,
            claimed.CashbackAmount,
            claimed.Status,
            claimed.CreatedAt
        );
        return TypedResults.Ok(Detail(it, claim, others, reported, excess: null));
    }

    private static CaseDetailResponse Detail(
        Case it,
        ClaimResponse? claimed,
        IReadOnlyList<OtherClaimResponse> others,
        IReadOnlyList<ReportedTransactionResponse> reported,
        IReadOnlyList<ExcessClaimResponse>? excess
    ) =>
        new(
            it.Id,
            it.Kind,
            it.OpenedAt,
            it.DecidedAt,
            it.DecidedBy,
            it.Decision,
            it.Note,
            it.UserId,
            it.Day,
            claimed,
            others,
            reported,
            excess
        );

    private static Task<List<ExcessClaimResponse>> ExcessAsync(
        ClickNBackDbContext db,
        Case it,
        CancellationToken cancel
    )
    {
        ClaimLimit? limit = it.Kind switch
        {
            CaseKind.TooManyClaims => ClaimLimit.TooManyClaims,
            CaseKind.TooMuchClaimed => ClaimLimit.TooMuchClaimed,
            _ => null,
        };
        return db
            .ExcessClaims.Where(x => x.UserId == it.UserId && x.Day == it.Day && x.Kind == limit)
            .OrderBy(x => x.ClaimedAt)
            .Select(x => new ExcessClaimResponse(x.ExternalId, x.MerchantId, x.Amount, x.ClaimedAt))
            .ToListAsync(cancel);
    }
}
