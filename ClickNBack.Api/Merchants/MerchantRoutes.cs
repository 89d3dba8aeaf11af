using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;

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
            .Fails(MerchantErrors.PercentageOutOfRange, MerchantErrors.NameAlreadyExists);
        merchants.MapGet("/", ListMerchants.Handle);
        merchants.MapPatch("/{id}/status", SetMerchantStatus.Handle).Fails(MerchantErrors.NotFound);
    }
}
