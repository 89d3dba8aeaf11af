using ClickNBack.Api.Offers;

namespace ClickNBack.MigrationService.Seeding;

/// <summary>The merchants and offers of the demo (contract, section 6). Days are relative to the day of seeding.</summary>
internal static class DemoCatalogue
{
    internal sealed record DemoMerchant(string Id, string Name, decimal Percentage, bool Active = true);

    internal sealed record DemoOffer(
        string Id,
        string Merchant,
        CashbackType Type,
        decimal Value,
        int FirstDay,
        int LastDay,
        decimal MonthlyCap,
        bool Active = true
    );

    public static readonly IReadOnlyList<DemoMerchant> Merchants =
    [
        new("a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d", "Shoply", 5m),
        new("b2c3d4e5-f6a7-4b8c-9d0e-1f2a3b4c5d6e", "QuickCart", 3.5m),
        new("c3d4e5f6-a7b8-4c9d-0e1f-2a3b4c5d6e7f", "UrbanMart", 2m),
        new("d4e5f6a7-b8c9-4d0e-1f2a-3b4c5d6e7f8a", "MegaGoods", 4m),
        new("e5f6a7b8-c9d0-4e1f-2a3b-4c5d6e7f8a9b", "ElectroHub", 2.5m),
        new("f6a7b8c9-d0e1-4f2a-3b4c-5d6e7f8a9b0c", "TechZone", 6m),
        new("a7b8c9d0-e1f2-4a3b-4c5d-6e7f8a9b0c1d", "FreshMarket", 1.5m),
        new("b8c9d0e1-f2a3-4b4c-5d6e-7f8a9b0c1d2e", "StyleHub", 8m),
        new("c9d0e1f2-a3b4-4c5d-6e7f-8a9b0c1d2e3f", "HomePlus", 3m),
        new("d0e1f2a3-b4c5-4d6e-7f8a-9b0c1d2e3f4a", "SportsPro", 5.5m),
        new("e1f2a3b4-c5d6-4e7f-8a9b-0c1d2e3f4a5b", "BeautyWell", 7m),
        new("f2a3b4c5-d6e7-4f8a-9b0c-1d2e3f4a5b6c", "GadgetWorld", 4.5m),
        new("a3b4c5d6-e7f8-4a9b-0c1d-2e3f4a5b6c7d", "FoodiesFresh", 2m),
        new("b4c5d6e7-f8a9-4b0c-1d2e-3f4a5b6c7d8e", "TravelGear", 6.5m),
        new("c5d6e7f8-a9b0-4c1d-2e3f-4a5b6c7d8e9f", "PetParadise", 3.5m),
        new("d6e7f8a9-b0c1-4d2e-3f4a-5b6c7d8e9f0a", "BookHaven", 1m),
        new("e7f8a9b0-c1d2-4e3f-4a5b-6c7d8e9f0a1b", "FitnessPeak", 9m),
        new("f8a9b0c1-d2e3-4f4a-5b6c-7d8e9f0a1b2c", "GreenGrocer", 2.5m),
        new("a9b0c1d2-e3f4-4a5b-6c7d-8e9f0a1b2c3d", "ToyLand", 4m),
        new("b0c1d2e3-f4a5-4b6c-7d8e-9f0a1b2c3d4e", "JewelryBox", 10m),
        new("c1d2e3f4-a5b6-4c7d-8e9f-0a1b2c3d4e5f", "AutoParts Plus", 1.5m),
        new("d2e3f4a5-b6c7-4d8e-9f0a-1b2c3d4e5f6a", "KidsCloset", 5m),
        new("e3f4a5b6-c7d8-4e9f-0a1b-2c3d4e5f6a7b", "ChefSupplies", 3m),
        new("f4a5b6c7-d8e9-4f0a-1b2c-3d4e5f6a7b8c", "OutdoorEscape", 7.5m),
        new("a5b6c7d8-e9f0-4a1b-2c3d-4e5f6a7b8c9d", "LuxWatches", 15m, Active: false),
        new("b6c7d8e9-f0a1-4b2c-3d4e-5f6a7b8c9d0e", "VintageVault", 12m, Active: false),
        new("c7d8e9f0-a1b2-4c3d-4e5f-6a7b8c9d0e1f", "NightOwl Electronics", 8.5m, Active: false),
        new("f0000000-0000-0000-0000-000000000001", "BankSimFail", 0m),
    ];

    public static readonly IReadOnlyList<DemoOffer> Offers =
    [
        new("f0e1d2c3-b4a5-4678-9012-3456789abcde", "Shoply", CashbackType.Percent, 5m, -60, 305, 50m),
        new("a1b2c3d4-e5f6-4789-0abc-def012345678", "QuickCart", CashbackType.Fixed, 3m, -30, 270, 20m),
        new(
            "b2c3d4e5-f6a7-4890-abcd-ef1234567890",
            "UrbanMart",
            CashbackType.Percent,
            2m,
            -700,
            -335,
            15m,
            Active: false
        ),
        new("c3d4e5f6-a7b8-4c9d-1111-000000000001", "UrbanMart", CashbackType.Percent, 2m, -7, 305, 15m),
        new("c3d4e5f6-a7b8-4c9d-1111-000000000002", "MegaGoods", CashbackType.Percent, 4m, -60, 305, 40m),
        new("c3d4e5f6-a7b8-4c9d-1111-000000000003", "ElectroHub", CashbackType.Percent, 2.5m, -60, 305, 25m),
        new("c3d4e5f6-a7b8-4c9d-1111-000000000004", "TechZone", CashbackType.Percent, 6m, -30, 305, 60m),
        new("c3d4e5f6-a7b8-4c9d-1111-000000000005", "FreshMarket", CashbackType.Percent, 1.5m, -60, 305, 10m),
        new("c3d4e5f6-a7b8-4c9d-1111-000000000006", "StyleHub", CashbackType.Percent, 8m, -45, 305, 80m),
        new("c3d4e5f6-a7b8-4c9d-1111-000000000007", "HomePlus", CashbackType.Percent, 3m, -60, 305, 30m),
        new("c3d4e5f6-a7b8-4c9d-1111-000000000008", "SportsPro", CashbackType.Percent, 5.5m, -30, 305, 55m),
        new("c3d4e5f6-a7b8-4c9d-1111-000000000009", "BeautyWell", CashbackType.Percent, 7m, -60, 305, 70m),
        new("c3d4e5f6-a7b8-4c9d-1111-000000000010", "GadgetWorld", CashbackType.Percent, 4.5m, -60, 305, 45m),
        new("c3d4e5f6-a7b8-4c9d-1111-000000000011", "FoodiesFresh", CashbackType.Percent, 2m, -7, 305, 20m),
        new("c3d4e5f6-a7b8-4c9d-1111-000000000012", "TravelGear", CashbackType.Percent, 6.5m, -60, 305, 65m),
        new("c3d4e5f6-a7b8-4c9d-1111-000000000013", "PetParadise", CashbackType.Percent, 3.5m, -60, 305, 35m),
        new("c3d4e5f6-a7b8-4c9d-1111-000000000014", "BookHaven", CashbackType.Percent, 1m, -30, 305, 10m),
        new("c3d4e5f6-a7b8-4c9d-1111-000000000015", "FitnessPeak", CashbackType.Percent, 9m, -60, 305, 90m),
        new("c3d4e5f6-a7b8-4c9d-1111-000000000016", "GreenGrocer", CashbackType.Percent, 2.5m, -60, 305, 25m),
        new("c3d4e5f6-a7b8-4c9d-1111-000000000017", "ToyLand", CashbackType.Percent, 4m, -7, 305, 40m),
        new("c3d4e5f6-a7b8-4c9d-1111-000000000018", "JewelryBox", CashbackType.Percent, 10m, -60, 305, 100m),
        new("c3d4e5f6-a7b8-4c9d-1111-000000000021", "AutoParts Plus", CashbackType.Percent, 1.5m, -90, -30, 15m),
        new("c3d4e5f6-a7b8-4c9d-1111-000000000022", "KidsCloset", CashbackType.Percent, 5m, 30, 300, 50m),
        new(
            "c1d2e3f4-0000-0000-0002-000000000002",
            "ChefSupplies",
            CashbackType.Percent,
            2m,
            -60,
            305,
            20m,
            Active: false
        ),
        new("c1d2e3f4-0000-0000-0001-000000000001", "OutdoorEscape", CashbackType.Percent, 3m, -60, 305, 30m),
        new(
            "c3d4e5f6-a7b8-4c9d-1111-000000000019",
            "LuxWatches",
            CashbackType.Percent,
            15m,
            -700,
            -335,
            150m,
            Active: false
        ),
        new("d0000001-0000-0000-0000-000000000001", "LuxWatches", CashbackType.Percent, 5m, -60, 305, 50m),
        new(
            "c3d4e5f6-a7b8-4c9d-1111-000000000020",
            "VintageVault",
            CashbackType.Percent,
            12m,
            -700,
            -335,
            120m,
            Active: false
        ),
        new("f0000000-0000-0000-0001-000000000001", "BankSimFail", CashbackType.Percent, 5m, -60, 3650, 100m),
    ];
}
