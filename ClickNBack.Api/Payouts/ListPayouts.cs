using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ClickNBack.Api.Payouts;

/// <summary>Lists payouts, newest first: the caller's own, or everybody's for administrators.</summary>
internal static class ListPayouts
{
    internal sealed record MyRequest : Paging
    {
        public PayoutStatus? Status { get; init; }
    }

    /// <summary>Both days count.</summary>
    internal sealed record Request : Paging
    {
        public PayoutStatus? Status { get; init; }

        public Guid? UserId { get; init; }

        public DateOnly? StartDate { get; init; }

        public DateOnly? EndDate { get; init; }
    }

    public static async Task<Ok<Page<PayoutResponse>>> HandleMineAsync(
        Query<MyRequest> query,
        Caller caller,
        ClickNBackDbContext db,
        CancellationToken cancel
    ) =>
        TypedResults.Ok(
            await ToPageAsync(db.Payouts.Where(it => it.UserId == caller.Id), query.Value.Status, query.Value, cancel)
        );

    public static async Task<Ok<Page<PayoutResponse>>> HandleAllAsync(
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

        return TypedResults.Ok(await ToPageAsync(payouts, request.Status, request, cancel));
    }

    private static Task<Page<PayoutResponse>> ToPageAsync(
        IQueryable<Payout> payouts,
        PayoutStatus? status,
        Paging paging,
        CancellationToken cancel
    )
    {
        if (status is { } wanted)
        {
            payouts = payouts.Where(it => it.Status == wanted);
        }

        return payouts
            .OrderByDescending(it => it.RequestedAt)
            .ThenByDescending(it => it.Id)
            .Select(it => new PayoutResponse(
                it.Id,
                it.UserId,
                it.Status,
                it.Amount,
                it.Method,
                it.RequestedAt,
                it.ProcessedAt,
                it.ExternalReference
            ))
            .ToPageAsync(paging, cancel);
    }
}
