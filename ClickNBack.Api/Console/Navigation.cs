namespace ClickNBack.Api.Console;

/// <summary>The pages that every page links to, in the order in which an administrator's day needs them.</summary>
internal static class Navigation
{
    public const string Overview = "Overview";
    public const string Cases = "Cases";
    public const string Purchases = "Purchases";
    public const string Reports = "Reports";
    public const string Payouts = "Payouts";
    public const string Users = "Users";
    public const string Merchants = "Merchants";
    public const string Offers = "Offers";
    public const string Flags = "Feature flags";
    public const string Ledger = "Ledger";
    public const string Audit = "Audit";

    /// <summary>Address and name.</summary>
    public static readonly IReadOnlyList<(string Path, string Name)> Pages =
    [
        (ConsoleApp.Root, Overview),
        (CaseList.Path, Cases),
        (PurchaseList.Path, Purchases),
        (ReportList.Path, Reports),
        (PayoutList.Path, Payouts),
        (UserList.Path, Users),
        (MerchantList.Path, Merchants),
        (OfferList.Path, Offers),
        (FlagPages.Path, Flags),
        (LedgerPages.Path, Ledger),
        (AuditPages.Path, Audit),
    ];
}
