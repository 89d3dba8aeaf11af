using ClickNBack.Api.Http;
using ClickNBack.Api.Merchants;
using ClickNBack.Api.Users;

namespace ClickNBack.Api.Offers;

internal static class OfferRoutes
{
    public static void MapOffers(this IEndpointRouteBuilder api)
    {
        var offers = api.MapGroup("/offers").WithTags("Offers").RequireAuthorization();

        offers
            .MapPost("/", CreateOffer.HandleAsync)
            .WithName("CreateOffer")
            .WithSummary("Add an offer")
            .WithDescription("A merchant has at most one active offer.")
            .WithExample(OfferExamples.Create, OfferExamples.Offer)
            .ProducesErrors(
                OfferErrors.Invalid,
                MerchantErrors.NotFound,
                MerchantErrors.NotActive,
                OfferErrors.ActiveOfferAlreadyExists
            )
            .RequireAuthorization(Policies.Admin);
        offers
            .MapGet("/", ListOffers.HandleAsync)
            .WithName("ListOffers")
            .WithSummary("List all offers")
            .WithDescription("Newest first; dates filter by overlap.")
            .WithPageExample(OfferExamples.Offer)
            .ProducesErrors(OfferErrors.InvalidFilter);
        offers
            .MapGet("/active", ListActiveOffers.HandleAsync)
            .WithName("ListActiveOffers")
            .WithSummary("List the offers in force")
            .WithDescription("Offer and merchant are active and today (UTC) is within the dates. By merchant.")
            .WithPageExample(OfferExamples.Active);
        offers
            .MapGet("/{id}", GetOffer.HandleAsync)
            .WithName("GetOffer")
            .WithSummary("One offer")
            .WithDescription("Users see only offers that are active at an active merchant.")
            .WithExample(response: OfferExamples.Details)
            .ProducesErrors(OfferErrors.NotFound, OfferErrors.NotForUsers);
        offers
            .MapPatch("/{id}/status", SetOfferStatus.HandleAsync)
            .WithName("SetOfferStatus")
            .WithSummary("Switch an offer on or off")
            .WithDescription("Refused if the merchant has another active offer.")
            .WithExample(OfferExamples.Switch, OfferExamples.Switched)
            .ProducesErrors(OfferErrors.NotFound, OfferErrors.ActiveOfferAlreadyExists)
            .RequireAuthorization(Policies.Admin);
    }
}
