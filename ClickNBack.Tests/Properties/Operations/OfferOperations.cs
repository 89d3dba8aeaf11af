using ClickNBack.Tests.Properties.Model;

namespace ClickNBack.Tests.Properties.Operations;

internal sealed record CreateMerchant(int Who, string Name, decimal Percentage, bool Active) : Operation
{
    public override Step On(Reference model)
    {
        var caller = Caller(model, Who);
        var name = string.IsNullOrWhiteSpace(Name) ? Name : model.Own(Name);
        var body = new
        {
            name,
            default_cashback_percentage = Percentage,
            active = Active,
        };
        return Call.Post("/api/v1/merchants/", caller, body, model.CreateMerchant(caller, name, Percentage, Active));
    }
}

internal sealed record SetMerchant(int Who, int Which, string Status) : Operation
{
    public override Step On(Reference model)
    {
        var (caller, merchant) = (Caller(model, Who), Pick(model.Merchants, Which));
        var path = $"/api/v1/merchants/{merchant?.Id ?? Nothing}/status";
        return Call.Patch(path, caller, new { status = Status }, Reference.SetStatus(caller, merchant, Status));
    }
}

/// <summary>Of everybody's merchants.</summary>
internal sealed record ListMerchants(int Who, bool? Active, Paging Paging) : Operation
{
    public override Step On(Reference model)
    {
        var caller = Caller(model, Who);
        var path = "/api/v1/merchants/" + (Active is { } active ? $"?active={(active ? "true" : "false")}" : "");
        return Call.Get(Paging.In(path), caller, model.ListMerchants(caller, Active, Paging));
    }
}

internal sealed record CreateOffer(
    int Who,
    int Where,
    bool IsPercent,
    decimal Value,
    int StartsIn,
    int Days,
    decimal Cap
) : Operation
{
    public override Step On(Reference model)
    {
        var (caller, merchant) = (Caller(model, Who), Pick(model.Merchants, Where));
        var start = model.Today.AddDays(StartsIn);
        var terms = new OfferTerms(merchant, IsPercent, Value, start, start.AddDays(Days), Cap);
        var body = new
        {
            merchant_id = merchant?.Id ?? Nothing,
            cashback_type = IsPercent ? "percent" : "fixed",
            cashback_value = Value,
            start_date = terms.Start,
            end_date = terms.End,
            monthly_cap = Cap,
        };
        return Call.Post("/api/v1/offers/", caller, body, model.CreateOffer(caller, terms));
    }
}

internal sealed record SetOffer(int Who, int Which, string Status) : Operation
{
    public override Step On(Reference model)
    {
        var (caller, offer) = (Caller(model, Who), Pick(model.Offers, Which));
        var path = $"/api/v1/offers/{offer?.Id ?? Nothing}/status";
        return Call.Patch(path, caller, new { status = Status }, model.SetStatus(caller, offer, Status));
    }
}

internal sealed record GetOffer(int Who, int Which) : Operation
{
    public override Step On(Reference model)
    {
        var (caller, offer) = (Account(model, Who), Pick(model.Offers, Which));
        return Call.Get($"/api/v1/offers/{offer?.Id ?? Nothing}", caller, Reference.Get(caller, offer));
    }
}

internal sealed record ListOffers(int Who, int Where, string? Status, Paging Paging) : Operation
{
    public override Step On(Reference model)
    {
        var (caller, merchant) = (Account(model, Who), Pick(model.Merchants, Where)!);
        var path = $"/api/v1/offers/?merchant_id={merchant.Id}" + (Status is null ? "" : $"&status={Status}");
        return Call.Get(Paging.In(path), caller, model.ListOffers(merchant, Status, Paging));
    }
}

/// <summary>Of everybody's offers.</summary>
internal sealed record ListActiveOffers(int Who, Paging Paging) : Operation
{
    public override Step On(Reference model) =>
        Call.Get(Paging.In("/api/v1/offers/active"), Account(model, Who), model.ListActiveOffers(Paging));
}
