namespace ClickNBack.Api.Merchants;

/// <summary>A merchant, as administrators see it.</summary>
/// <param name="Id">The identifier.</param>
/// <param name="Name">The name.</param>
/// <param name="DefaultCashbackPercentage">Percent of a purchase.</param>
/// <param name="Active">Whether purchases there are accepted.</param>
internal sealed record MerchantResponse(Guid Id, string Name, decimal DefaultCashbackPercentage, bool Active)
{
    internal static MerchantResponse Of(Merchant merchant) =>
        new(merchant.Id, merchant.Name, merchant.DefaultCashbackPercentage, merchant.Active);
}

/// <summary>Whether a merchant or an offer is in use.</summary>
internal enum ActiveStatus
{
    /// <summary>In use.</summary>
    Active,

    /// <summary>Switched off.</summary>
    Inactive,
}

/// <summary>The status that was set.</summary>
/// <param name="Id">What was set.</param>
/// <param name="Status">Its status now.</param>
internal sealed record StatusResponse(Guid Id, ActiveStatus Status);
