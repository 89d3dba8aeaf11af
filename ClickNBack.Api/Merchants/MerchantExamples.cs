namespace ClickNBack.Api.Merchants;

/// <summary>What the API's description shows of merchants.</summary>
internal static class MerchantExamples
{
    public static readonly MerchantResponse Shoply = new(
        new Guid("a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d"),
        "Shoply",
        DefaultCashbackPercentage: 5,
        Active: true
    );

    public static readonly CreateMerchant.Request Create = new()
    {
        Name = Shoply.Name,
        DefaultCashbackPercentage = Shoply.DefaultCashbackPercentage,
    };

    public static readonly SetMerchantStatus.Request Switch = new() { Status = ActiveStatus.Active };

    public static readonly StatusResponse Switched = new(Shoply.Id, ActiveStatus.Active);
}
