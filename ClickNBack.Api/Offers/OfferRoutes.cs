using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Merchants;
using ClickNBack.Api.OpenApi;

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
            .Describe("CreateOffer", "Add an offer", "A merchant has at most one active offer.")
            .Answers(OfferExamples.Offer)
            .RequireAuthorization(BearerAuthentication.AdminPolicy)
            .Fails(
                OfferErrors.Invalid,
                MerchantErrors.NotFound,
                MerchantErrors.NotActive,
                OfferErrors.ActiveOfferAlreadyExists
            );
        offers
            .MapGet("/", ListOffers.Handle)
            .Describe("ListOffers", "List all offers", "Newest first; dates filter by overlap.")
            .AnswersPageOf(OfferExamples.Offer)
            .Fails(OfferErrors.InvalidFilter);
        offers
            .MapGet("/active", ListActiveOffers.Handle)
            .Describe(
                "ListActiveOffers",
                "List the offers in force",
                "Offer and merchant are active and today (UTC) is within the dates. By merchant."
            )
            .AnswersPageOf(OfferExamples.Active);
        offers
            .MapGet("/{id}", GetOffer.Handle)
            .Describe("GetOffer", "One offer", "Users see only offers that are active at an active merchant.")
            .Answers(OfferExamples.Details)
            .Fails(OfferErrors.NotFound, OfferErrors.NotForUsers);
        offers
            .MapPatch("/{id}/status", SetOfferStatus.Handle)
            .Describe(
                "SetOfferStatus",
                "Switch an offer on or off",
                "Refused if the merchant has another active offer."
            )
            .Answers(OfferExamples.Switched)
            .RequireAuthorization(BearerAuthentication.AdminPolicy)
            .Fails(OfferErrors.NotFound, OfferErrors.ActiveOfferAlreadyExists);
    }
}
