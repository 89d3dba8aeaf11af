using ClickNBack.Api.Accounts;
using ClickNBack.Api.Http;

namespace ClickNBack.Api.Console;

/// <summary>Accounts by how their e-mail starts.</summary>
internal static class UserList
{
    public const string Path = $"{ConsoleApp.Root}/users";

    internal sealed record Model(string Prefix, IReadOnlyList<DirectoryEntry> Rows, string? Next, string? First);

    public static async Task<IResult> ShowAsync(
        string? email,
        string? after,
        AccountDirectory directory,
        CancellationToken cancel
    )
    {
        var prefix = (email ?? "").Trim();
        if (Ids.TryParse(prefix, out var id) && await directory.GetAsync(id, cancel) is not null)
        {
            return TypedResults.LocalRedirect($"{Path}/{id}");
        }

        const int size = KeysetPage<DirectoryEntry>.Size;
        var found = await directory.FindAsync(prefix, after ?? "", size + 1, cancel);
        return Page.Of<UserListPage>(
            new Model(
                prefix,
                found.Count > size ? found[..size] : found,
                found.Count > size ? Address(found[size - 1].NormalizedEmail) : null,
                string.IsNullOrEmpty(after) ? null : Address(null)
            )
        );

        string Address(string? last) =>
            Path
            + QueryString.Create(
                new Dictionary<string, string?>(StringComparer.Ordinal) { ["email"] = prefix, ["after"] = last }.Where(
                    it => it.Value is { Length: > 0 }
                )
            );
    }
}
