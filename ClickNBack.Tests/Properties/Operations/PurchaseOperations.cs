using System.Globalization;
using ClickNBack.Tests.Properties.Model;

namespace ClickNBack.Tests.Properties.Operations;

/// <summary>What is wrong with the body of a request, if anything.</summary>
internal enum Flaw
{
    None,
    Zero,
    Negative,
    ThreeDecimals,
    TooMuch,
    NoNumber,
    Missing,
    Empty,
}

internal sealed record Ingest(
    int Who,
    int For,
    int Where,
    decimal Amount,
    bool AmountAsText,
    string ExternalId,
    string Currency,
    string? Key,
    Flaw Flaw
) : Operation
{
    public const int WhereNothingIsVerified = int.MaxValue;

    public override Step On(Reference model)
    {
        var (caller, buyer) = (Account(model, Who), Account(model, For));
        var merchant = Where == WhereNothingIsVerified ? model.RejectionMerchant : Pick(model.Merchants, Where);
        var externalId = model.Own(ExternalId);
        object? amount = Flaw switch
        {
            Flaw.Zero => 0,
            Flaw.Negative => -Amount,
            Flaw.ThreeDecimals => 1.001m,
            Flaw.TooMuch => 10_000_000_000m,
            Flaw.NoNumber => "much",
            Flaw.Missing => null,
            Flaw.None or Flaw.Empty => AmountAsText ? Amount.ToString(CultureInfo.InvariantCulture) : Amount,
        };
        var body = new
        {
            external_id = Flaw == Flaw.Empty ? "" : externalId,
            user_id = buyer.Id,
            merchant_id = merchant?.Id ?? Nothing,
            amount,
            currency = Currency,
        };
        var asked = new Ingestion(
            buyer,
            merchant,
            externalId,
            Amount,
            AmountAsText,
            Currency,
            Key,
            Flaw != Flaw.None || Currency.Length != 3
        );
        return Call.Post("/api/v1/purchases/", caller, body, model.Ingest(caller, asked), Key);
    }
}

internal sealed record Confirm(int Who, int Which) : Operation
{
    public override Step On(Reference model)
    {
        var (caller, purchase) = (Caller(model, Who), Pick(model.Purchases, Which));
        var path = $"/api/v1/purchases/{purchase?.Id ?? Nothing}/confirmation";
        return Call.Post(path, caller, null, Reference.Confirm(caller, purchase));
    }
}

internal sealed record Reverse(int Who, int Which) : Operation
{
    public override Step On(Reference model)
    {
        var (caller, purchase) = (Caller(model, Who), Pick(model.Purchases, Which));
        var path = $"/api/v1/purchases/{purchase?.Id ?? Nothing}/reverse";
        return Call.Patch(path, caller, null, Reference.Reverse(caller, purchase));
    }
}

/// <summary>The verification job looks for due purchases.</summary>
internal sealed record Verify : Operation
{
    public override Step On(Reference model) => new(null, null) { Verified = model.Verify() };
}

/// <summary>Time passes.</summary>
internal sealed record Wait(TimeSpan Time, Moment Moment) : Operation
{
    public override Step On(Reference model)
    {
        var today = new DateTimeOffset(model.Now.Date, TimeSpan.Zero);
        model.Now = Moment switch
        {
            Moment.Then => model.Now,
            Moment.Midnight => today.AddDays(1) - TimeSpan.FromSeconds(2),
            Moment.NextMonth => today.AddDays(1 - model.Now.Day).AddMonths(1) - TimeSpan.FromSeconds(2),
        };
        model.Now += Time;
        return new(null, null);
    }
}

/// <summary>How long to wait before some time passes.</summary>
internal enum Moment
{
    /// <summary>Not at all.</summary>
    Then,

    /// <summary>Moment just before the next day.</summary>
    Midnight,

    /// <summary>Moment just before the next month.</summary>
    NextMonth,
}

internal sealed record GetPurchase(int Who, int Which) : Operation
{
    public override Step On(Reference model)
    {
        var (caller, purchase) = (Account(model, Who), Pick(model.Purchases, Which));
        return Call.Get($"/api/v1/purchases/{purchase?.Id ?? Nothing}", caller, model.Get(caller, purchase));
    }
}

internal sealed record ListMyPurchases(int Who, string? Status, Paging Paging) : Operation
{
    public override Step On(Reference model)
    {
        var caller = Account(model, Who);
        var path = "/api/v1/users/me/purchases" + (Status is null ? "" : $"?status={Status}");
        return Call.Get(Paging.In(path), caller, model.ListMine(caller, Status, Paging));
    }
}

internal sealed record ListPurchases(int Who, int Of, string? Status, Paging Paging) : Operation
{
    public const int WhereNothingIsVerified = int.MaxValue;

    public override Step On(Reference model)
    {
        var (caller, buyer) = (Caller(model, Who), Account(model, Of));
        var path = $"/api/v1/purchases/?user_id={buyer.Id}" + (Status is null ? "" : $"&status={Status}");
        return Call.Get(Paging.In(path), caller, model.ListAll(caller, buyer, Status, Paging));
    }
}

internal sealed record GetWallet(int Who) : Operation
{
    public override Step On(Reference model)
    {
        var caller = Account(model, Who);
        return Call.Get("/api/v1/users/me/wallet", caller, Reference.GetWallet(caller));
    }
}

internal sealed record ListCashback(int Who, Paging Paging) : Operation
{
    public override Step On(Reference model)
    {
        var caller = Account(model, Who);
        return Call.Get(Paging.In("/api/v1/users/me/wallet/transactions"), caller, model.ListCashback(caller, Paging));
    }
}
