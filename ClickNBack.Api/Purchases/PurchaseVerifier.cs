using Microsoft.Extensions.Options;

namespace ClickNBack.Api.Purchases;

/// <summary>Asks whoever knows whether a purchase really happened.</summary>
internal interface IPurchaseVerifier
{
    /// <summary>Whether it is verified; false is a soft failure, tried again later.</summary>
    ValueTask<bool> VerifyAsync(Purchase purchase, CancellationToken cancel);
}

/// <summary>
/// Stands in for the banks and affiliate networks, as in the original (contract 3.4): everything is verified at once,
/// except at the merchant that exists to show rejections.
/// </summary>
internal sealed class SimulatedVerifier(IOptions<VerificationOptions> options) : IPurchaseVerifier
{
    public ValueTask<bool> VerifyAsync(Purchase purchase, CancellationToken cancel) =>
        ValueTask.FromResult(purchase.MerchantId != options.Value.RejectionMerchantId);
}
