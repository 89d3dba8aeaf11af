using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ClickNBack.Api.Payouts;

/// <summary>Lists everybody's payouts, newest first; for administrators.</summary>
internal static class ListPayouts
{
    /// <summary>Both days count.</summary>
    internal sealed record Request : Paging
    {
        public PayoutStatus? Status { get; init; }

        public bool? Held { get; init; }

        public Guid? UserId { get; init; }

        public DateOnly? StartDate { get; init; }

        public DateOnly? EndDate { get; init; }
    }

    public static async Task<Ok<Page<AdminPayoutResponse>>> HandleAsync(
        Query<Request> query,
        ClickNBackDbContext db,
        CancellationToken cancel
    )
    {
        var request = query.Value;
        IQueryable<Payout> payouts = db.Payouts;
        if (request.UserId is { } user)
        {
            payouts = payouts.Where(it => it.UserId == user);
        }

        if (Days.StartOf(request.StartDate) is { } from)
        {
            payouts = payouts.Where(it => it.RequestedAt >= from);
        }

        if (Days.EndOf(request.EndDate) is { } until)
        {
            payouts = payouts.Where(it => it.RequestedAt < until);
        }

        if (request.Held is { } held)
        {
            payouts = payouts.Where(it =>
                (it.HeldFor != null && (it.Status == PayoutStatus.Requested || it.Status == PayoutStatus.Processing))
                == held
            );
        }

        if (request.Status is { } status)
        {
            payouts = payouts.Where(it => it.Status == status);
        }

        return TypedResults.Ok(
            await payouts
                .OrderByDescending(it => it.RequestedAt)
                .ThenByDescending(it => it.Id)
                .Select(it => new AdminPayoutResponse(
                    it.Id,
                    it.UserId,
                    it.Status,
                    it.Amount,
                    it.Method,
                    it.RequestedAt,
                    it.ProcessedAt,
                    it.ExternalReference,
                    it.Status == PayoutStatus.Requested || it.Status == PayoutStatus.Processing ? it.HeldFor : null
                ))
                .ToPageAsync(request, cancel)
        );
    }
}
