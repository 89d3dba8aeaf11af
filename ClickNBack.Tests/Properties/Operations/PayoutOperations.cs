using ClickNBack.Tests.Properties.Model;

namespace ClickNBack.Tests.Properties.Operations;

/// <summary>How much is withdrawn.</summary>
internal enum Share
{
    /// <summary>The given amount.</summary>
    Amount,

    /// <summary>All that is available.</summary>
    Everything,

    /// <summary>A cent more than that.</summary>
    TooMuch,

    /// <summary>A cent less than the smallest payout.</summary>
    TooLittle,
}

internal sealed record Withdraw(int Who, Share Share, decimal Amount, bool ToCard, string? Key, Flaw Flaw) : Operation
{
    public override Step On(Reference model)
    {
        var caller = Account(model, Who);
        var wanted = Share switch
        {
            Share.Amount => Amount,
            Share.Everything => Math.Max(caller.Available, 0.01m),
            Share.TooMuch => caller.Available + 0.01m,
            Share.TooLittle => 9.99m,
        };
        object? amount = Flaw switch
        {
            Flaw.Zero => 0,
            Flaw.Negative => -wanted,
            Flaw.ThreeDecimals => 10.001m,
            Flaw.TooMuch => 10_000_000_000m,
            Flaw.NoNumber => "all",
            Flaw.Missing or Flaw.Empty or Flaw.None => wanted,
        };
        var method = ToCard ? "card" : "bank_transfer";
        object? details = Flaw switch
        {
            Flaw.Missing => null,
            Flaw.Empty => new { },
            _ when ToCard => new { card_token = "card_1PqXk2", card_holder = "Somebody" },
            _ => new { iban = "DE89370400440532013000", account_holder = "Somebody" },
        };
        var body = new
        {
            amount,
            method,
            details,
        };
        var asked = new Withdrawal(wanted, method, Key, Flaw != Flaw.None);
        return Call.Post("/api/v1/users/me/payouts", caller, body, model.Withdraw(caller, asked), Key);
    }
}

internal sealed record Process(int Who, int Which, string Status) : Operation
{
    public override Step On(Reference model)
    {
        var (caller, payout) = (Caller(model, Who), Pick(model.Payouts, Which));
        var path = $"/api/v1/admin/payouts/{payout?.Id ?? Nothing}/process";
        return Call.Patch(path, caller, new { status = Status }, model.Process(caller, payout, Status));
    }
}

internal sealed record ListMyPayouts(int Who, string? Status, Paging Paging) : Operation
{
    public override Step On(Reference model)
    {
        var caller = Account(model, Who);
        var path = "/api/v1/users/me/payouts" + (Status is null ? "" : $"?status={Status}");
        return Call.Get(Paging.In(path), caller, model.ListMyPayouts(caller, Status, Paging));
    }
}

internal sealed record ListPayouts(int Who, int Of, string? Status, Paging Paging) : Operation
{
    public override Step On(Reference model)
    {
        var (caller, account) = (Caller(model, Who), Account(model, Of));
        var path = $"/api/v1/admin/payouts?user_id={account.Id}" + (Status is null ? "" : $"&status={Status}");
        return Call.Get(Paging.In(path), caller, model.ListPayoutsOf(caller, account, Status, Paging));
    }
}
