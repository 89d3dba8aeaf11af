using ClickNBack.Api.Http;
using ClickNBack.Api.Users;

namespace ClickNBack.Api.Merchants;

internal static class MerchantRoutes
{
    public static void MapMerchants(this IEndpointRouteBuilder api)
    {
        var merchants = api.MapGroup("/merchants").WithTags("Merchants").RequireAuthorization(Policies.Admin);

        merchants
            .MapPost("/", CreateMerchant.HandleAsync)
            .WithName("CreateMerchant")
            .WithSummary("Add a merchant")
            .WithDescription("Names are unique.")
            .WithExample(MerchantExamples.Create, MerchantExamples.Shoply)
            .ProducesErrors(MerchantErrors.PercentageOutOfRange, MerchantErrors.NameAlreadyExists);
        merchants
            .MapGet("/", ListMerchants.HandleAsync)
            .WithName("ListMerchants")
            .WithSummary("List merchants")
            .WithDescription("By name.")
            .WithPageExample(MerchantExamples.Shoply);
        merchants
            .MapPatch("/{id}/status", SetMerchantStatus.HandleAsync)
            .WithName("SetMerchantStatus")
            .WithSummary("Switch a merchant on or off")
            .WithDescription("Setting what is set already changes nothing.")
            .WithExample(MerchantExamples.Switch, MerchantExamples.Switched)
            .ProducesErrors(MerchantErrors.NotFound);
    }
}
