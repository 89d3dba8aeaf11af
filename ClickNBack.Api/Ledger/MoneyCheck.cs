using System.Text.Json;
using ClickNBack.Api.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ClickNBack.Api.Ledger;

/// <summary>
/// What the money invariants answered, and when. Asking them may read every movement there is, so it is done in the background
/// and everybody else reads the last answer. Written by the database's function <c>check_money</c> alone.
/// </summary>
internal sealed class MoneyCheck
{
    /// <summary>When they were asked, UTC.</summary>
    public required DateTimeOffset CheckedAt { get; init; }

    /// <summary>How long the answer took.</summary>
    public required TimeSpan Took { get; init; }

    /// <summary>The sum over all accounts, EUR: anything but 0 is wrong.</summary>
    public required decimal LedgerImbalance { get; init; }

    /// <summary>How often each invariant is violated, a JSON object: anything but 0 is wrong.</summary>
    public required string Violations { get; init; }

    /// <summary>If they were asked only about those whose money has moved since an instant, that one, UTC.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>What was ever booked into each account and out of it, a JSON object; null if not everybody was asked about.</summary>
    public string? Accounts { get; init; }

    /// <summary>The same by the invariants' names.</summary>
    public IReadOnlyDictionary<string, long> ViolationsByInvariant() =>
        JsonSerializer.Deserialize<Dictionary<string, long>>(Violations, Json.Options)!;
}

internal sealed class MoneyCheckMapping : IEntityTypeConfiguration<MoneyCheck>
{
    public void Configure(EntityTypeBuilder<MoneyCheck> check)
    {
        check.ToTable("money_checks");
        check.HasKey(it => it.CheckedAt);
        check.Property(it => it.LedgerImbalance).HasColumnType("numeric");
        check.Property(it => it.Violations).HasColumnType("jsonb");
        check.Property(it => it.Accounts).HasColumnType("jsonb");
    }
}
