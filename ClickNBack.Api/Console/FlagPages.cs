using ClickNBack.Api.Audit;
using ClickNBack.Api.FeatureFlags;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Console;

/// <summary>Feature flags: records for everybody, a merchant or a user.</summary>
internal static class FlagPages
{
    public const string Path = $"{ConsoleApp.Root}/feature-flags";

    internal sealed record Model(
        IReadOnlyList<FeatureFlag> Rows,
        string? Next,
        string? First,
        Func<string, string> Text,
        IReadOnlyList<Violation> Violations,
        string? Problem
    );

    internal sealed record KeyRequest
    {
        public required string Key { get; init; }
    }

    public static async Task<IResult> ShowAsync(string? after, ClickNBackDbContext db, CancellationToken cancel) =>
        Page.Of<FlagListPage>(await ModelAsync(after, db, static _ => "", [], null, cancel));

    public static async Task<IResult> SetAsync(
        Form<SetFlag.Request> form,
        Caller caller,
        ClickNBackDbContext db,
        AuditTrail audit,
        TimeProvider time,
        Flash flash,
        CancellationToken cancel
    )
    {
        if (form.Violations.Count > 0)
        {
            return await RefusedAsync(form.Violations, null, ErrorKind.Invalid);
        }

        var answer = await SetFlag.HandleAsync(form.Text("key"), form.AsBody(), caller, db, audit, time, cancel);
        return answer.Result is ApiError error
            ? await RefusedAsync([], error.Message, error.Code.Kind)
            : flash.Then(answer, "The flag is set. It counts from the next request on.", Path);

        async Task<IResult> RefusedAsync(IReadOnlyList<Violation> violations, string? problem, ErrorKind kind) =>
            Page.Of<FlagListPage>(await ModelAsync(null, db, form.Text, violations, problem, cancel), kind);
    }

    public static async Task<IResult> DeleteAsync(
        Form<DeleteFlag.Request> form,
        Caller caller,
        ClickNBackDbContext db,
        AuditTrail audit,
        Flash flash,
        CancellationToken cancel
    ) =>
        form.Violations.Count > 0
            ? flash.Then("Nothing was deleted: open the page again and repeat.", "", Path)
            : flash.Then(
                await DeleteFlag.HandleAsync(form.Text("key"), new(form.Value, error: null), caller, db, audit, cancel),
                "The record is deleted.",
                Path
            );

    private static async Task<Model> ModelAsync(
        string? after,
        ClickNBackDbContext db,
        Func<string, string> text,
        IReadOnlyList<Violation> violations,
        string? problem,
        CancellationToken cancel
    )
    {
        const int size = KeysetPage<FeatureFlag>.Size;
        var flags = db.FeatureFlags.AsNoTracking();
        if (after?.Split('.') is [var key, var row] && Ids.TryParse(row, out var id))
        {
            flags = flags.Where(it => string.Compare(it.Key, key) > 0 || (it.Key == key && it.Id > id));
        }

        var found = await flags.OrderBy(it => it.Key).ThenBy(it => it.Id).Take(size + 1).ToListAsync(cancel);
        return new Model(
            found.Count > size ? found[..size] : found,
            found.Count > size ? $"{Path}?after={found[size - 1].Key}.{found[size - 1].Id}" : null,
            string.IsNullOrEmpty(after) ? null : Path,
            text,
            violations,
            problem
        );
    }
}
