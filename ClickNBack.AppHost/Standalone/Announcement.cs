using System.Globalization;

namespace ClickNBack.AppHost.Standalone;

/// <summary>What is printed when everything is ready.</summary>
internal static class Announcement
{
    /// <summary>Accounts of the demo seed.</summary>
    public const string Logins = "alice@clicknback.com (user) or carol@clicknback.com (admin), password Str0ng!Pass";

    public static void Print(Terminal terminal, Runner runner, Uri dashboard)
    {
        List<(string Name, string State, string Address)> rows =
        [
            .. runner.Resources.Select(each =>
                (each.Name, each.StateText, string.Join(' ', each.Addresses.Select(Text)))
            ),
            ("dashboard", "running", Text(dashboard)),
        ];
        var width = rows.Max(row => row.Name.Length);
        var seconds = runner.ReadyAfter.GetValueOrDefault().TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
        terminal.Say("");
        terminal.Praise($"ClickNBack is ready after {seconds} s.");
        terminal.Say("");
        foreach (var (name, state, address) in rows)
        {
            terminal.Say($"  {name.PadRight(width)}  {state, -9}  {address}".TrimEnd());
        }

        terminal.Say("");
        if (TryIt(runner) is { } command)
        {
            terminal.Say($"  Log in as {Logins}");
            terminal.Say($"  See alice's wallet:  {command}");
        }

        terminal.Say("  Ctrl-C stops it all.");
        terminal.Say("");
    }

    /// <summary>
    /// A command line that logs in and reads the wallet, or null without the API. In single quotes throughout: a shell would take
    /// the password's `!` elsewhere for its history.
    /// </summary>
    public static string? TryIt(Runner runner)
    {
        if (runner.Find("api")?.Addresses.Select(Text).FirstOrDefault() is not { } api)
        {
            return null;
        }

        return $$"""
            curl -s {{api}}/api/v1/auth/login -H 'Content-Type: application/json' -d '{"email":"alice@clicknback.com","password":"Str0ng!Pass"}' | sed 's/.*"access_token":"\([^"]*\)".*/header="Authorization: Bearer \1"/' | curl -s -K - {{api}}/api/v1/users/me/wallet
            """;
    }

    private static string Text(Uri address) => address.GetLeftPart(UriPartial.Authority);
}
