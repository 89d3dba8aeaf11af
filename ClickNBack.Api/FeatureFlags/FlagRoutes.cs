using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;

namespace ClickNBack.Api.FeatureFlags;

/// <summary>Feature flags, for administrators.</summary>
public static class FlagRoutes
{
    /// <summary>Maps them.</summary>
    public static void MapFeatureFlags(this IEndpointRouteBuilder api)
    {
        var flags = api.MapGroup("/feature-flags")
            .WithTags("Feature flags")
            .RequireAuthorization(BearerAuthentication.AdminPolicy);

        flags.MapGet("/", ListFlags.Handle);
        flags.MapPut("/{key}", SetFlag.Handle).Fails(FlagErrors.ScopeIdRequired);
        flags.MapGet("/{key}/evaluate", EvaluateFlag.Handle).Fails(FlagErrors.ScopeIdRequired);
        flags.MapDelete("/{key}", DeleteFlag.Handle).Fails(FlagErrors.ScopeIdRequired, FlagErrors.NotFound);
    }
}
