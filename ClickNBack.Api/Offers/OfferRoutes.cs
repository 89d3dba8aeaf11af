using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Merchants;

namespace ClickNBack.Api.Offers;

/// <summary>Offers.</summary>
public static class OfferRoutes
{
    /// <summary>Maps them.</summary>
    public static void MapOffers(this IEndpointRouteBuilder api)
    {
        var offers = api.MapGroup("/offers").WithTags("Offers").RequireAuthorization();

        offers
            .MapPost("/", CreateOffer.Handle)
            .RequireAuthorization(BearerAuthentication.AdminPolicy)
            .Fails(
                OfferErrors.Invalid,
                MerchantErrors.NotFound,
                MerchantErrors.NotActive,
                OfferErrors.ActiveOfferAlreadyExists
            );
        offers.MapGet("/", ListOffers.Handle).Fails(OfferErrors.Invalid);
        offers.MapGet("/active", ListActiveOffers.Handle);
        offers.MapGet("/{id}", GetOffer.Handle).Fails(OfferErrors.NotFound, AuthErrors.Forbidden);
        offers
            .MapPatch("/{id}/status", SetOfferStatus.Handle)
            .RequireAuthorization(BearerAuthentication.AdminPolicy)
            .Fails(OfferErrors.NotFound, OfferErrors.ActiveOfferAlreadyExists);
    }
}
