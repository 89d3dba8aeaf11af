using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.OpenApi;

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

        flags
            .MapGet("/", ListFlags.Handle)
            .Describe("ListFlags", "List flags", "Newest first.")
            .AnswersPageOf(FlagExamples.Flag);
        flags
            .MapPut("/{key}", SetFlag.Handle)
            .Describe(
                "SetFlag",
                "Set a flag",
                "For everybody, a merchant or a user. Without a description the old one stays."
            )
            .Answers(FlagExamples.Flag)
            .Fails(FlagErrors.MalformedKey, FlagErrors.ScopeIdRequired);
        flags
            .MapGet("/{key}/evaluate", EvaluateFlag.Handle)
            .Describe("EvaluateFlag", "Evaluate a flag", "The record of that scope, else the global one, else on.")
            .Answers(FlagExamples.Evaluated)
            .Fails(FlagErrors.MalformedKey, FlagErrors.ScopeIdRequired);
        flags
            .MapDelete("/{key}", DeleteFlag.Handle)
            .Describe("DeleteFlag", "Delete a flag's record", "Of one scope.")
            .Fails(FlagErrors.MalformedKey, FlagErrors.ScopeIdRequired, FlagErrors.NotFound);
    }
}
