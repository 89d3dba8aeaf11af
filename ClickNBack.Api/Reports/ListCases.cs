using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ClickNBack.Api.Reports;

/// <summary>Which cases are wanted.</summary>
internal enum CaseStatus
{
    /// <summary>Waiting for a decision.</summary>
    Open,

    /// <summary>Decided.</summary>
    Decided,
}

/// <summary>Lists cases, the oldest first.</summary>
internal static class ListCases
{
    internal sealed record Request : Paging
    {
        public CaseStatus? Status { get; init; }

        public CaseKind? Kind { get; init; }
    }

    public static async Task<Ok<Page<CaseResponse>>> HandleAsync(
        Query<Request> query,
        ClickNBackDbContext db,
        CancellationToken cancel
    )
    {
        IQueryable<Case> cases = db.Cases;
        if (query.Value.Status is { } status)
        {
            cases = cases.Where(it => it.DecidedAt == null == (status == CaseStatus.Open));
        }

        if (query.Value.Kind is { } kind)
        {
            cases = cases.Where(it => it.Kind == kind);
        }

        return TypedResults.Ok(
            await cases
                .OrderBy(it => it.OpenedAt)
                .ThenBy(it => it.Id)
                .Select(it => new CaseResponse(
                    it.Id,
                    it.Kind,
                    it.PurchaseId,
                    it.UserId,
                    it.Day,
                    it.OpenedAt,
                    it.DecidedAt,
                    it.DecidedBy,
                    it.Decision,
                    it.Note
                ))
                .ToPageAsync(query.Value, cancel)
        );
    }
}
