namespace ClickNBack.Tests.Properties.Model;

/// <summary>Somebody with an account, and their wallet.</summary>
internal sealed class Account(Guid id, bool isAdmin)
{
    public Guid Id => id;
    public bool IsAdmin => isAdmin;
    public decimal Pending { get; set; }
    public decimal Available { get; set; }
    public decimal Paid { get; set; }
    public decimal Owed { get; set; }

    public (decimal Pending, decimal Available, decimal Paid, decimal Owed) Balances =>
        (Pending, Available, Paid, Owed);

    /// <summary>Money arrives; a debt is paid first (D4).</summary>
    public void Receive(decimal amount)
    {
        var netted = Math.Min(amount, Owed);
        Owed -= netted;
        Available += amount - netted;
    }

    /// <summary>Money is taken back; what is not there any more is owed (D4).</summary>
    public void GiveBack(decimal amount)
    {
        var recovered = Math.Min(amount, Available);
        Available -= recovered;
        Owed += amount - recovered;
    }
}

internal sealed class Merchant(string name, decimal percentage)
{
    public Guid Id { get; set; }
    public string Name => name;
    public decimal Percentage => percentage;
    public bool Active { get; set; }
}

internal sealed class Offer
{
    public Guid Id { get; set; }
    public required Merchant Merchant { get; init; }
    public required bool IsPercent { get; init; }
    public required decimal Value { get; init; }
    public required DateOnly Start { get; init; }
    public required DateOnly End { get; init; }
    public required decimal Cap { get; init; }
    public bool Active { get; set; } = true;

    public bool IsInForce(DateOnly today) => Active && Start <= today && today <= End;
}

internal sealed class Purchase
{
    public Guid Id { get; set; }
    public required string ExternalId { get; init; }
    public required Account Buyer { get; init; }
    public required Merchant Merchant { get; init; }
    public required Offer Offer { get; init; }
    public required decimal Amount { get; init; }

    /// <summary>The cashback promised at ingestion; never changes.</summary>
    public required decimal Earned { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public string Status { get; set; } = "pending";
    public int Failures { get; set; }

    /// <summary>When the job looks at it again.</summary>
    public DateTimeOffset DueAt { get; set; }

    /// <summary>What the purchase shows: 0 once it is reversed.</summary>
    public decimal Cashback => Status == "reversed" ? 0 : Earned;

    public string CashbackStatus =>
        Status switch
        {
            "pending" => "pending",
            "confirmed" => "available",
            _ => "reversed",
        };
}

internal sealed class Payout
{
    public Guid Id { get; set; }
    public required Account Account { get; init; }
    public required decimal Amount { get; init; }
    public required string Method { get; init; }
    public required DateTimeOffset RequestedAt { get; init; }
    public string Status { get; set; } = "requested";
    public DateTimeOffset? ProcessedAt { get; set; }
}

internal sealed class Flag(string key, string scope, Guid? scopeId)
{
    public Guid? Id { get; set; }
    public string Key => key;
    public string Scope => scope;
    public Guid? ScopeId => scopeId;
    public bool Enabled { get; set; }
    public string? Description { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; set; }
}
