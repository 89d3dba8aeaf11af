using System.Text;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Persistence;

/// <summary>
/// One spelling for text that means the same: Unicode's composed form (NFC), in which an accent belongs to its letter. The
/// database composes it, because the programs run without Unicode's tables: <c>string.Normalize</c> would do nothing.
/// </summary>
internal static class Composition
{
    public static async ValueTask<string> ComposeAsync(
        this ClickNBackDbContext db,
        string text,
        CancellationToken cancel
    ) =>
        Ascii.IsValid(text)
            ? text
            : await db.Database.SqlQuery<string>($"""SELECT normalize({text}, NFC) AS "Value" """).SingleAsync(cancel);
}
