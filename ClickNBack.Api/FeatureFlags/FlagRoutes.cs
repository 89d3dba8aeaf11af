using ClickNBack.Api.Http;
using ClickNBack.Api.Users;

namespace ClickNBack.Api.FeatureFlags;

/// <summary>Feature flags, for administrators.</summary>
internal static class FlagRoutes
{
    public static void MapFeatureFlags(this IEndpointRouteBuilder api)
    {
        var flags = api.MapGroup("/feature-flags").WithTags("Feature flags").RequireAuthorization(Policies.Admin);

        flags
            .MapGet("/", ListFlags.HandleAsync)
            .WithName("ListFlags")
            .WithSummary("List flags")
            .WithDescription("Newest first.")
            .WithPageExample(FlagExamples.Flag);
        flags
            .MapPut("/{key}", SetFlag.HandleAsync)
            .WithName("SetFlag")
            .WithSummary("Set a flag")
            .WithDescription("For everybody, a merchant or a user. Without a description the old one stays.")
            .WithExample(FlagExamples.Set, FlagExamples.Flag)
            .ProducesErrors(FlagErrors.MalformedKey, FlagErrors.ScopeIdRequired);
        flags
            .MapGet("/{key}/evaluate", EvaluateFlag.HandleAsync)
            .WithName("EvaluateFlag")
            .WithSummary("Evaluate a flag")
            .WithDescription("The record of that scope, else the global one, else on.")
            .WithExample(response: FlagExamples.Evaluated)
            .ProducesErrors(FlagErrors.MalformedKey, FlagErrors.ScopeIdRequired);
        flags
            .MapDelete("/{key}", DeleteFlag.HandleAsync)
            .WithName("DeleteFlag")
            .WithSummary("Delete a flag's record")
            .WithDescription("Of one scope.")
            .ProducesErrors(FlagErrors.MalformedKey, FlagErrors.ScopeIdRequired, FlagErrors.NotFound);
    }
}
