using ClickNBack.Tests.Properties.Model;

namespace ClickNBack.Tests.Properties.Operations;

/// <summary>Which record of which flag.</summary>
internal sealed record FlagTarget(string Key, string Scope, int? Of)
{
    /// <summary>The platform's own flag keeps its name, others are the model's.</summary>
    public FlagPlace In(Reference model) =>
        new(
            Key == "purchase_auto_confirm" ? Key : model.Own(Key),
            Scope,
            Of is not { } nth ? null
                : Scope == "merchant" ? model.Merchants[nth % model.Merchants.Count].Id
                : model.Accounts[nth % model.Accounts.Count].Id
        );
}

internal sealed record SetFlag(int Who, FlagTarget Target, bool Enabled, string? Description) : Operation
{
    public override Step On(Reference model)
    {
        var (caller, place) = (Caller(model, Who), Target.In(model));
        var body = new
        {
            enabled = Enabled,
            scope_type = place.Scope,
            scope_id = place.ScopeId,
            description = Description,
        };
        var expected = model.Set(caller, place, Enabled, Description);
        return Call.Put($"/api/v1/feature-flags/{place.Key}", caller, body, expected);
    }
}

internal sealed record DeleteFlag(int Who, FlagTarget Target) : Operation
{
    public override Step On(Reference model)
    {
        var (caller, place) = (Caller(model, Who), Target.In(model));
        return Call.Delete($"/api/v1/feature-flags/{place.Key}{Query(place)}", caller, model.Delete(caller, place));
    }

    internal static string Query(FlagPlace place) =>
        $"?scope_type={place.Scope}" + (place.ScopeId is { } id ? $"&scope_id={id}" : "");
}

internal sealed record EvaluateFlag(int Who, FlagTarget Target) : Operation
{
    public override Step On(Reference model)
    {
        var (caller, place) = (Caller(model, Who), Target.In(model));
        var path = $"/api/v1/feature-flags/{place.Key}/evaluate{DeleteFlag.Query(place)}";
        return Call.Get(path, caller, model.Evaluate(caller, place));
    }
}

internal sealed record ListFlags(int Who, FlagTarget Target, Paging Paging) : Operation
{
    public override Step On(Reference model)
    {
        var (caller, key) = (Caller(model, Who), Target.In(model).Key);
        var path = Paging.In($"/api/v1/feature-flags?key={key}");
        return Call.Get(path, caller, model.ListFlags(caller, key, Paging));
    }
}
