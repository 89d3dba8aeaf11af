namespace ClickNBack.Api.Console;

/// <summary>The pages that every page links to, in the order in which an administrator's day needs them.</summary>
internal static class Navigation
{
    public const string Overview = "Overview";
    public const string Cases = "Cases";
    public const string Purchases = "Purchases";

    /// <summary>Address and name.</summary>
    public static readonly IReadOnlyList<(string Path, string Name)> Pages =
    [
        (ConsoleApp.Root, Overview),
        (CaseList.Path, Cases),
        (PurchaseList.Path, Purchases),
    ];
}
