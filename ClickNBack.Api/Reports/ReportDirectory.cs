using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Reports;

/// <summary>What merchants have reported, for administrators.</summary>
internal sealed class ReportDirectory(ClickNBackDbContext db)
{
    /// <summary>Reports, the latest first: those before the given one.</summary>
    public Task<Slice<Report>> ListAsync(Guid? merchantId, Guid? after, CancellationToken cancel) =>
        db
            .Reports.AsNoTracking()
            .Where(it => merchantId == null || it.MerchantId == merchantId)
            .Where(it => after == null || it.Id < after)
            .OrderByDescending(it => it.Id)
            .ToSliceAsync(it => it.Id, cancel);

    /// <summary>Transactions of orders that nobody has claimed, the latest first: those before the given one.</summary>
    public Task<Slice<ReportedTransaction>> UnclaimedAsync(Guid? merchantId, Guid? after, CancellationToken cancel) =>
        db
            .ReportedTransactions.AsNoTracking()
            .Where(it => it.State == MatchState.Unclaimed)
            .Where(it => merchantId == null || it.MerchantId == merchantId)
            .Where(it => after == null || it.Id < after)
            .OrderByDescending(it => it.Id)
            .ToSliceAsync(it => it.Id, cancel);
}
