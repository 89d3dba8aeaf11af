using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.OpenApi;

namespace ClickNBack.Api.Merchants;

/// <summary>Merchants, for administrators.</summary>
public static class MerchantRoutes
{
    /// <summary>Maps them.</summary>
    public static void MapMerchants(this IEndpointRouteBuilder api)
    {
        var merchants = api.MapGroup("/merchants")
            .WithTags("Merchants")
            .RequireAuthorization(BearerAuthentication.AdminPolicy);

        merchants
            .MapPost("/", CreateMerchant.Handle)
            .Describe("CreateMerchant", "Add a merchant", "Names are unique.")
            .Answers(MerchantExamples.Shoply)
            .Fails(MerchantErrors.PercentageOutOfRange, MerchantErrors.NameAlreadyExists);
        merchants
            .MapGet("/", ListMerchants.Handle)
            .Describe("ListMerchants", "List merchants", "By name.")
            .AnswersPageOf(MerchantExamples.Shoply);
        merchants
            .MapPatch("/{id}/status", SetMerchantStatus.Handle)
            .Describe(
                "SetMerchantStatus",
                "Switch a merchant on or off",
                "Setting what is set already changes nothing."
            )
            .Answers(MerchantExamples.Switched)
            .Fails(MerchantErrors.NotFound);
    }
}
