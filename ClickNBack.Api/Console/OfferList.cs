using System.Globalization;
using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Merchants;
using ClickNBack.Api.Offers;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ClickNBack.Api.Console;

/// <summary>An offer as it is shown.</summary>
/// <param name="Id">The offer.</param>
/// <param name="MerchantId">Whose it is.</param>
/// <param name="Merchant">The merchant's name; null where it is known.</param>
/// <param name="Cashback">What a purchase earns.</param>
/// <param name="MonthlyCap">What a user can earn in a month, EUR.</param>
/// <param name="StartDate">The first day.</param>
/// <param name="EndDate">The last day.</param>
/// <param name="Active">Whether it is in force within its dates.</param>
public sealed record OfferLine(
    Guid Id,
    Guid MerchantId,
    string? Merchant,
    string Cashback,
    decimal MonthlyCap,
    DateOnly StartDate,
    DateOnly EndDate,
    bool Active
);

/// <summary>Offers, newest first. Their values never change: a purchase refers to what was promised.</summary>
internal static class OfferList
{
    public const string Path = $"{ConsoleApp.Root}/offers";

    internal sealed record Model(bool OnlyActive, KeysetPage<Offer> Page);

    internal sealed record NewModel(
        Guid? MerchantId,
        string? Merchant,
        Func<string, string> Text,
        IReadOnlyList<Violation> Violations,
        string? Problem
    );

    public static IReadOnlyList<OfferLine> LinesOf(IEnumerable<Offer> offers) =>
        [
            .. offers.Select(it => new OfferLine(
                it.Id,
                it.MerchantId,
                it.Merchant?.Name,
                it.CashbackType == CashbackType.Percent
                    ? string.Create(CultureInfo.InvariantCulture, $"{it.CashbackValue:0.##} %")
                    : string.Create(CultureInfo.InvariantCulture, $"€{it.CashbackValue:N2}"),
                it.MonthlyCap,
                it.StartDate,
                it.EndDate,
                it.Active
            )),
        ];

    public static async Task<IResult> ShowAsync(
        string? active,
        Keyset? after,
        HttpRequest request,
        ClickNBackDbContext db,
        CancellationToken cancel
    )
    {
        var onlyActive = active is "true";
        var offers = db.Offers.AsNoTracking().Include(it => it.Merchant).Where(it => it.Active || !onlyActive);
        if (after is var (at, id))
        {
            offers = offers.Where(it =>
                EF.Functions.LessThan(ValueTuple.Create(it.CreatedAt, it.Id), ValueTuple.Create(at, id))
            );
        }

        var found = await offers
            .OrderByDescending(it => it.CreatedAt)
            .ThenByDescending(it => it.Id)
            .Take(KeysetPage<Offer>.Size + 1)
            .ToListAsync(cancel);
        return Page.Of<OfferListPage>(
            new Model(onlyActive, KeysetPage<Offer>.Of(found, it => new Keyset(it.CreatedAt, it.Id), request))
        );
    }

    public static async Task<IResult> ShowNewAsync(string? merchant, ClickNBackDbContext db, CancellationToken cancel)
    {
        var id = Ids.TryParse(merchant, out var given) ? given : (Guid?)null;
        return Page.Of<NewOfferPage>(new NewModel(id, await NameAsync(db, id, cancel), static _ => "", [], null));
    }

    public static async Task<IResult> CreateAsync(
        Form<CreateOffer.Request> form,
        Caller caller,
        ClickNBackDbContext db,
        AuditTrail audit,
        IOptions<CashbackOptions> options,
        TimeProvider time,
        Flash flash,
        CancellationToken cancel
    )
    {
        if (form.Violations.Count > 0)
        {
            return await RefusedAsync(form.Violations, null, ErrorKind.Invalid);
        }

        var answer = await CreateOffer.HandleAsync(form.AsBody(), caller, db, audit, options, time, cancel);
        return answer.Result is ApiError error
            ? await RefusedAsync([], Describe(error), error.Code.Kind)
            : flash.Then(
                answer,
                "The offer is in force from its first day on.",
                $"{MerchantList.Path}/{form.Value.MerchantId}"
            );

        async Task<IResult> RefusedAsync(IReadOnlyList<Violation> violations, string? problem, ErrorKind kind)
        {
            var id = Ids.TryParse(form.Text("merchant_id"), out var given) ? given : (Guid?)null;
            return Page.Of<NewOfferPage>(
                new NewModel(id, await NameAsync(db, id, cancel), form.Text, violations, problem),
                kind
            );
        }
    }

    public static async Task<IResult> SetStatusAsync(
        Guid id,
        Form<SetOfferStatus.Request> form,
        Caller caller,
        ClickNBackDbContext db,
        AuditTrail audit,
        Flash flash,
        CancellationToken cancel
    )
    {
        var merchant = await db.Offers.Where(it => it.Id == id).Select(it => it.MerchantId).FirstOrDefaultAsync(cancel);
        var page = $"{MerchantList.Path}/{merchant}";
        if (form.Violations.Count > 0)
        {
            return flash.Then("Nothing was changed: choose active or inactive.", "", page);
        }

        var answer = await SetOfferStatus.HandleAsync($"{id}", form.AsBody(), caller, db, audit, cancel);
        return flash.Then(answer, $"The offer is {Json.Name(form.Value.Status)}.", page);
    }

    private static string Describe(ApiError error) =>
        error.Details is IReadOnlyList<Violation> violations
            ? string.Join(" ", violations.Select(it => $"{Words.Of(it.Field)} {it.Reason}."))
            : error.Message;

    private static async Task<string?> NameAsync(ClickNBackDbContext db, Guid? merchant, CancellationToken cancel) =>
        await db.Merchants.Where(it => it.Id == merchant).Select(it => it.Name).FirstOrDefaultAsync(cancel);
}
