using System.Globalization;
using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Purchases;
using ClickNBack.Api.Reports;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ClickNBack.Api.Console;

/// <summary>One case with both sides, and its decision. After a decision the next case follows.</summary>
internal static class CaseDetail
{
    internal sealed record Model(
        CaseDetailResponse Case,
        string Email,
        IReadOnlyDictionary<Guid, string> Merchants,
        string? DecidedBy,
        string? Error,
        string Note
    );

    public static string PathOf(Guid id) => $"{CaseList.Path}/{id}";

    /// <summary>What a case about a user is called.</summary>
    public static string NameOf(CaseKind kind, DateOnly? day) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{(kind == CaseKind.PayoutTooEarly ? "Payout" : "Claims")} of {day:yyyy-MM-dd}"
        );

    public static Task<IResult> ShowAsync(string id, ClickNBackDbContext db, CancellationToken cancel) =>
        ShowAsync(id, refused: null, note: "", db, cancel);

    /// <summary>Leads to the oldest open case, or to the oldest after another one.</summary>
    public static async Task<IResult> NextAsync(Keyset? after, ClickNBackDbContext db, CancellationToken cancel)
    {
        var next = await CaseList
            .OpenAfter(db, after)
            .OrderBy(it => it.OpenedAt)
            .ThenBy(it => it.Id)
            .Select(it => (Guid?)it.Id)
            .FirstOrDefaultAsync(cancel);
        return TypedResults.LocalRedirect(next is { } id ? PathOf(id) : CaseList.Path);
    }

    public static async Task<IResult> DecideAsync(
        string id,
        Form<DecideCase.Request> form,
        Caller caller,
        Flash flash,
        ClickNBackDbContext db,
        NpgsqlDataSource database,
        AuditLogger audit,
        VerificationSignal verification,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        if (form.Violations.Count > 0)
        {
            return await ShowAsync(id, HttpErrors.Malformed.With(form.Violations), form.Text("note"), db, cancel);
        }

        var answer = await DecideCase.HandleAsync(
            id,
            form.AsBody(),
            caller,
            database,
            audit,
            verification,
            time,
            cancel
        );
        return answer.Result is ApiError refused
            ? await ShowAsync(id, refused, form.Text("note"), db, cancel)
            : flash.Then(
                answer,
                $"Decided: {Words.Of(form.Value.Decision).ToLowerInvariant()}.",
                $"{CaseList.Path}/next"
            );
    }

    private static async Task<IResult> ShowAsync(
        string id,
        ApiError? refused,
        string note,
        ClickNBackDbContext db,
        CancellationToken cancel
    )
    {
        var answer = await GetCase.HandleAsync(id, db, cancel);
        if (answer.Result is not Ok<CaseDetailResponse> { Value: { } found })
        {
            return answer;
        }

        var user = found.UserId ?? found.Claimed!.UserId;
        var emails = await db
            .Users.Where(it => it.Id == user || it.Id == found.DecidedBy)
            .ToDictionaryAsync(it => it.Id, it => it.Email, cancel);
        List<Guid> shops = found.Claimed is { } claimed
            ? [claimed.MerchantId]
            : [.. found.ExcessClaims!.Select(it => it.MerchantId)];
        var merchants = await db
            .Merchants.Where(it => shops.Contains(it.Id))
            .ToDictionaryAsync(it => it.Id, it => it.Name, cancel);
        return Page.Of<CaseDetailPage>(
            new Model(
                found,
                emails[user],
                merchants,
                found.DecidedBy is { } decider ? emails[decider] : null,
                refused?.Message,
                note
            ),
            refused?.Code.Kind
        );
    }
}
