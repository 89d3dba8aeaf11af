using System.Data.Common;
using System.Text.RegularExpressions;

namespace ClickNBack.AppHost.Standalone;

/// <summary>Keeps secret values out of everything that people see.</summary>
internal sealed partial class Secrets(string mask = "••••••")
{
    // Replacing less would make holes in ordinary words; generated secrets have 43 characters.
    private const int Shortest = 4;
    private volatile IReadOnlyList<string> values = [];

    /// <summary>Adds values to hide.</summary>
    public void Hide(IEnumerable<string> secrets) =>
        values = [
            .. values
                .Concat(secrets)
                .Where(value => value.Length >= Shortest)
                .Distinct()
                .OrderByDescending(value => value.Length),
        ];

    /// <summary>A line of output without secrets, colours and other control characters.</summary>
    public string Clean(string line)
    {
        var clean = ControlPattern().Replace(line, "");
        return values.Aggregate(clean, (text, secret) => text.Replace(secret, mask, StringComparison.Ordinal));
    }

    /// <summary>The passwords in a connection string.</summary>
    public static IEnumerable<string> InConnectionString(string text) =>
        Parse(text) is { } parts
            ? parts.Keys.Cast<string>().Where(IsPassword).Select(key => parts[key].ToString() ?? "")
            : [text];

    /// <summary>A connection string with its passwords masked.</summary>
    public static string MaskConnectionString(string text, string mask) =>
        Parse(text) is null
            ? mask
            : InConnectionString(text)
                .Where(each => each.Length > 0)
                .Aggregate(text, (shown, secret) => shown.Replace(secret, mask, StringComparison.Ordinal));

    private static DbConnectionStringBuilder? Parse(string text)
    {
        try
        {
            return new() { ConnectionString = text };
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static bool IsPassword(string key) =>
        key.Contains("password", StringComparison.OrdinalIgnoreCase)
        || key.Equals("pwd", StringComparison.OrdinalIgnoreCase)
        || key.Equals("psw", StringComparison.OrdinalIgnoreCase);

    // ANSI sequences as a whole, then what is left of control characters but the tabulator.
    [GeneratedRegex(
        @"\x1B(?:\[[0-?]*[ -/]*[@-~]|\][^\x07]*(?:\x07|$)|.)?|[\x00-\x08\x0A-\x1F\x7F]",
        RegexOptions.None,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex ControlPattern();
}
