using System.Text.Json.Serialization;
using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ClickNBack.Api.Payouts;

/// <summary>A payout in a list; never with the details of where it goes.</summary>
/// <param name="Id">The identifier.</param>
/// <param name="UserId">Who withdraws.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Amount">EUR.</param>
/// <param name="Method">How it is paid.</param>
/// <param name="RequestedAt">When it was asked for, UTC.</param>
/// <param name="ProcessedAt">When it became completed or failed, UTC.</param>
/// <param name="ExternalReference">The payment provider's reference.</param>
public sealed record PayoutResponse(
    Guid Id,
    Guid UserId,
    PayoutStatus Status,
    [property: JsonConverter(typeof(MoneyText))] decimal Amount,
    PayoutMethod Method,
    DateTimeOffset RequestedAt,
    DateTimeOffset? ProcessedAt,
    string? ExternalReference
);

/// <summary>Lists payouts, newest first: the caller's own, or everybody's for administrators.</summary>
public static class ListPayouts
{
    /// <summary>What a user asks.</summary>
    public sealed record MineRequest(PayoutStatus? Status, Paging Paging) : IRequest<MineRequest>
    {
        /// <inheritdoc/>
        public static MineRequest Read(Fields fields) =>
            new(fields.OptionalChoice<PayoutStatus>("status"), Paging.Read(fields));
    }

    /// <summary>What an administrator asks; both days count.</summary>
    public sealed record AllRequest(
        PayoutStatus? Status,
        Guid? UserId,
        DateOnly? StartDate,
        DateOnly? EndDate,
        Paging Paging
    ) : IRequest<AllRequest>
    {
        /// <inheritdoc/>
        public static AllRequest Read(Fields fields) =>
            new(
                fields.OptionalChoice<PayoutStatus>("status"),
                fields.OptionalId("user_id"),
                fields.OptionalDate("start_date"),
                fields.OptionalDate("end_date"),
                Paging.Read(fields)
            );
    }

    /// <summary>The user's handler.</summary>
    public static async Task<Ok<Page<PayoutResponse>>> HandleMine(
        Query<MineRequest> query,
        Caller caller,
        ClickNBackDbContext db,
        CancellationToken cancel
    ) =>
        TypedResults.Ok(
            await ToPageAsync(
                db.Payouts.Where(it => it.UserId == caller.Id),
                query.Value.Status,
                query.Value.Paging,
                cancel
            )
        );

    /// <summary>The administrator's handler.</summary>
    public static async Task<Ok<Page<PayoutResponse>>> HandleAll(
        Query<AllRequest> query,
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

        return TypedResults.Ok(await ToPageAsync(payouts, request.Status, request.Paging, cancel));
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
