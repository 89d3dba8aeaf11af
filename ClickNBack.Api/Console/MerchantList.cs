using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Merchants;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ClickNBack.Api.Console;

/// <summary>Merchants by name.</summary>
internal static class MerchantList
{
    public const string Path = $"{ConsoleApp.Root}/merchants";

    internal sealed record Row(
        Guid Id,
        string Name,
        decimal DefaultCashbackPercentage,
        bool Active,
        bool HasActiveOffer
    );

    internal sealed record Model(string Search, IReadOnlyList<Row> Rows, string? Next, string? First);

    internal sealed record NewModel(
        decimal MaxPercentage,
        Func<string, string> Text,
        IReadOnlyList<Violation> Violations,
        string? Problem
    );

    public static async Task<IResult> ShowAsync(
        string? name,
        string? after,
        ClickNBackDbContext db,
        CancellationToken cancel
    )
    {
        const int size = KeysetPage<Row>.Size;
        var prefix = (name ?? "").Trim();
        var (from, until, last) = (prefix, prefix + "\U0010FFFF", after ?? "");
        var found = await db
            .Merchants.Where(it =>
                string.Compare(it.Name, from) >= 0
                && string.Compare(it.Name, until) < 0
                && string.Compare(it.Name, last) > 0
            )
            .OrderBy(it => it.Name)
            .Take(size + 1)
            .Select(it => new Row(
                it.Id,
                it.Name,
                it.DefaultCashbackPercentage,
                it.Active,
                db.Offers.Any(offer => offer.MerchantId == it.Id && offer.Active)
            ))
            .ToListAsync(cancel);
        return Page.Of<MerchantListPage>(
            new Model(
                prefix,
                found.Count > size ? found[..size] : found,
                found.Count > size ? Address(found[size - 1].Name) : null,
                last.Length == 0 ? null : Address(null)
            )
        );

        string Address(string? lastName) =>
            Path
            + QueryString.Create(
                new Dictionary<string, string?>(StringComparer.Ordinal)
                {
                    ["name"] = prefix,
                    ["after"] = lastName,
                }.Where(it => it.Value is { Length: > 0 })
            );
    }

    public static IResult ShowNew(IOptions<CashbackOptions> options) =>
        Page.Of<NewMerchantPage>(new NewModel(options.Value.MaxPercentage, static _ => "", [], null));

    public static async Task<IResult> CreateAsync(
        Form<CreateMerchant.Request> form,
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
            return Refused(form.Violations, null, ErrorKind.Invalid);
        }

        var answer = await CreateMerchant.HandleAsync(form.AsBody(), caller, db, audit, options, time, cancel);
        if (answer.Result is ApiError error)
        {
            return Refused([], error.Message, error.Code.Kind);
        }

        var merchant = ((IValueHttpResult<MerchantResponse>)answer.Result).Value!;
        flash.Succeeded("The merchant is there. Give it an offer next.");
        return TypedResults.LocalRedirect($"{Path}/{merchant.Id}");

        IResult Refused(IReadOnlyList<Violation> violations, string? problem, ErrorKind kind) =>
            Page.Of<NewMerchantPage>(new NewModel(options.Value.MaxPercentage, form.Text, violations, problem), kind);
    }
}
