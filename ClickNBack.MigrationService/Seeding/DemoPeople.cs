using ClickNBack.Api.Purchases;
using ClickNBack.Api.Users;

namespace ClickNBack.MigrationService.Seeding;

/// <summary>The people of the demo and what they bought (contract, section 6).</summary>
internal static class DemoPeople
{
    /// <summary>Everybody's password in development.</summary>
#pragma warning disable S2068 // written on the front page: no secret
    public const string Password = "Str0ng!Pass";
#pragma warning restore S2068

    /// <summary>Buys much; has been paid before.</summary>
    public static readonly Guid Alice = new("b7e2c1a2-4f3a-4e2b-9c1a-8d2e3f4b5c6d");

    /// <summary>Buys and returns.</summary>
    public static readonly Guid Bob = new("c8d3e2b1-5a4b-4c3d-8b2a-7e6f5d4c3b2a");

    /// <summary>Runs the platform, and buys.</summary>
    public static readonly Guid Carol = new("d9f4b3c2-6b5c-5d4e-7c3b-6a5e4d3c2b1a");

    /// <summary>Runs the platform.</summary>
    public static readonly Guid Jero = new("d9f4b3c2-6b5c-5d4e-7c3b-6a5e4d3c2b1b");

    /// <summary>Waits for administrators: automatic confirmation is off for him.</summary>
    public static readonly Guid Dave = new("e0e1e2e3-f4a5-4b6c-7d8e-9f0a1b2c3d4e");

    internal sealed record Person(Guid Id, string Name, Role Role = Role.User);

    internal sealed record DemoPurchase(
        string Id,
        string ExternalId,
        Guid UserId,
        string Merchant,
        decimal Amount,
        TimeSpan Ago,
        PurchaseStatus Status = PurchaseStatus.Pending
    );

    public static readonly IReadOnlyList<Person> People =
    [
        new(Alice, "alice"),
        new(Bob, "bob"),
        new(Carol, "carol", Role.Admin),
        new(Jero, "jero", Role.Admin),
        new(Dave, "dave"),
    ];

    /// <summary>In the order in which they happened. The first one earned what Alice was paid.</summary>
    public static readonly IReadOnlyList<DemoPurchase> Purchases =
    [
        Bought(0, Alice, "StyleHub", 625, Days(45), PurchaseStatus.Confirmed),
        Bought(1, Alice, "Shoply", 100, Days(11)),
        Bought(2, Alice, "Shoply", 50, Days(10)),
        Bought(3, Bob, "QuickCart", 75, Days(9)),
        Bought(4, Carol, "TechZone", 200, Days(8)),
        Bought(5, Alice, "Shoply", 300, Days(7), PurchaseStatus.Confirmed),
        Bought(6, Bob, "QuickCart", 40, Days(6), PurchaseStatus.Reversed),
        Bought(7, Alice, "QuickCart", 80, Days(5)),
        Bought(8, Bob, "Shoply", 120, Days(4), PurchaseStatus.Confirmed),
        Bought(9, Alice, "TechZone", 60, Days(3)),
        Bought(10, Carol, "QuickCart", 250, Days(2), PurchaseStatus.Reversed),
        Bought(11, Bob, "TechZone", 90, Days(1)),
        new("cc000001-0000-0000-0000-000000000001", "txn_seed_manual_001", Dave, "Shoply", 150, Hours(5)),
        new("cc000001-0000-0000-0000-000000000002", "txn_seed_manual_002", Dave, "QuickCart", 85, Hours(4)),
        new("bb000001-0000-0000-0000-000000000001", "txn_seed_reject_001", Alice, "BankSimFail", 99, Hours(2)),
        new("bb000001-0000-0000-0000-000000000002", "txn_seed_reject_002", Bob, "BankSimFail", 49.50m, Hours(1)),
    ];

    private static DemoPurchase Bought(
        int number,
        Guid user,
        string merchant,
        decimal amount,
        TimeSpan ago,
        PurchaseStatus status = PurchaseStatus.Pending
    ) =>
        new(
            $"aa000001-0000-0000-0000-{number:000000000000}",
            $"txn_seed_{number:000}",
            user,
            merchant,
            amount,
            ago,
            status
        );

    private static TimeSpan Days(int days) => TimeSpan.FromDays(days);

    private static TimeSpan Hours(int hours) => TimeSpan.FromHours(hours);
}
