using System.Globalization;
using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;

namespace ClickNBack.Api.Console;

/// <summary>The audit log, searched, and handed out for a spreadsheet.</summary>
internal static class AuditPages
{
    public const string Path = $"{ConsoleApp.Root}/audit";

    /// <summary>Every action there is, for the choice.</summary>
    public static readonly IReadOnlyList<string> Actions =
    [
        .. typeof(AuditActions)
            .GetFields()
            .Select(it => (string)it.GetRawConstantValue()!)
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>What is looked for, as it was written.</summary>
    internal sealed record Search(string? Action, string? Actor, string? Target, string? From, string? To)
    {
        public static ValueTask<Search> BindAsync(HttpContext http)
        {
            return ValueTask.FromResult(
                new Search(Text("action"), Text("actor"), Text("target"), Text("from"), Text("to"))
            );

            string? Text(string name) => http.Request.Query[name] is [{ Length: > 0 } text] ? text.Trim() : null;
        }

        /// <summary>The same as a filter, and every field that is none.</summary>
        public (AuditFilter Filter, IReadOnlyList<Violation> Violations) Read()
        {
            var violations = new List<Violation>();
            var filter = new AuditFilter
            {
                Action = Action,
                ActorId = Id("actor", Actor),
                ResourceId = Id("target", Target),
                From = Day("from", From),
                To = Day("to", To),
            };
            return (filter, violations);

            Guid? Id(string field, string? text)
            {
                if (text is not null && Ids.TryParse(text, out var id))
                {
                    return id;
                }

                Complain(field, text, "Write the whole identifier, as in a page's address.");
                return null;
            }

            DateOnly? Day(string field, string? text)
            {
                if (DateOnly.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
                {
                    return day;
                }

                Complain(field, text, "Write the day as 2026-11-27.");
                return null;
            }

            void Complain(string field, string? text, string reason)
            {
                if (text is not null)
                {
                    violations.Add(new(field, reason));
                }
            }
        }
    }

    internal sealed record Model(
        Search Search,
        IReadOnlyList<Violation> Violations,
        KeysetPage<AuditLog> Page,
        string ExportPath
    );

    public static async Task<IResult> ShowAsync(
        Search search,
        Keyset? after,
        HttpRequest request,
        AuditSearch audit,
        CancellationToken cancel
    )
    {
        var (filter, violations) = search.Read();
        var place = after is var (at, id) ? new AuditPlace(at, id) : null;
        var found =
            violations.Count > 0 ? [] : await audit.FindAsync(filter, place, KeysetPage<AuditLog>.Size + 1, cancel);
        return Page.Of<AuditPage>(
            new Model(
                search,
                violations,
                KeysetPage<AuditLog>.Of(found, it => new Keyset(it.OccurredAt, it.Id), request),
                $"{Path}.csv{QueryString.Create(request.Query.Where(it => it.Key != Keyset.Parameter))}"
            ),
            violations.Count > 0 ? ErrorKind.Invalid : null
        );
    }

    /// <summary>All that was found, as it is read: however much it is, it is never in memory at once.</summary>
    public static IResult Export(Search search, AuditSearch audit, TimeProvider time, CancellationToken cancel)
    {
        var (filter, violations) = search.Read();
        return violations.Count > 0
            ? HttpErrors.BadRequest.With("Correct the search first, then export it.")
            : TypedResults.Stream(
                output => AuditCsv.WriteAsync(output, audit.AllAsync(filter, cancel), cancel),
                AuditCsv.ContentType,
                $"audit-{time.GetUtcNow():yyyy-MM-dd}.csv"
            );
    }
}
